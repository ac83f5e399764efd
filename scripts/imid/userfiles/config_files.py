"""Configuration files: YAML or JSON, read as the text that stands there, with its lines.

YAML 1.1 makes numbers, dates and truth values of what looks like one: 20:00 is 1200 to it, 010
is 8, and no is false. Which of its settings is a number only the schema knows. So everything
here stays text; what is not in quotes is told apart, as `Plain`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from imid.shared.problems import InputError, place, shortened
from imid.userfiles.user_files import CONTROL, user_text

# The keys and list positions that lead to a setting.
Setting = tuple[str | int, ...]

ADVICE = "save it as text in UTF-8, not as ANSI or Unicode"
WHERE_TO_RUN = "run Snakemake in the folder of the experiment, or name that by --directory"
LARGEST = 2 * 2**20
# Far more than an experiment needs. Aliases of aliases are millions of values in ten lines.
MOST_VALUES = 50_000
DEEPEST = 20
# What stands for a block of settings in it, as in ``<<: *defaults``.
MERGE = "<<"
TEXT_TAG = "tag:yaml.org,2002:str"


class Plain(str):
    """A word that is not in quotes: a number, a truth value or a text, as its setting wants it."""


@dataclass(frozen=True)
class ConfigFile:
    """What one source of settings says: a file, or the command line.

    Attributes
    ----------
    name : str
        As the user knows it.
    values : dict
        Settings, in dicts and lists; each is a `Plain` or, where it is in quotes, a str.
    lines : dict
        For each setting the line of its key, or of the item in its list.
    repeated : list of tuple
        Keys that occur more than once in their block, each with the line of the first.
    """

    name: str
    values: dict
    lines: dict[Setting, int] = field(default_factory=dict)
    repeated: list[tuple[Setting, int]] = field(default_factory=list)


def label(setting: Setting) -> str:
    """Name a setting, as ``differential.fdr``; positions in a list are told by their line."""
    return ".".join(shortened(str(key)) for key in setting if not isinstance(key, int))


def read_config_file(path: Path, name: str) -> ConfigFile:
    """Read a configuration file together with its lines.

    Parameters
    ----------
    path : Path
        YAML or JSON.
    name : str
        What messages call it.

    Returns
    -------
    ConfigFile
        Its values and where they are.

    Raises
    ------
    InputError
        If it cannot be read, is not YAML, or holds anything but settings by name.
    """
    if not path.exists():
        raise InputError([f"{name}: does not exist; {WHERE_TO_RUN}"])
    text = user_text(path, name, ADVICE, LARGEST)
    try:
        problems = list(_odd_events(text, name))
        if problems:
            raise InputError(problems)
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise InputError([_no_yaml(error, text, name)]) from error
    except yaml.YAMLError as error:
        raise InputError([f"{name}: is not YAML: {str(error).splitlines()[0]}"]) from error
    if not isinstance(tree, yaml.MappingNode):
        what = "is empty" if tree is None else "holds no settings"
        raise InputError([f"{name}: {what}; settings are needed, such as 'aligner: star'"])
    return _Reader(name).file(tree)


def _odd_events(text: str, name: str) -> Iterator[str]:
    """Find what YAML allows and a configuration does not need."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        where = place(name, event.start_mark.line + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                yield f"{where}: a second document begins here; keep one, without the line '---'"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth == DEEPEST:
                yield f"{where}: more than {DEEPEST} blocks and lists within each other"
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag not in (None, TEXT_TAG):
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            yield f"{where}: '{shown}' is a YAML tag, which settings do without; write the text"


def _no_yaml(error: yaml.MarkedYAMLError, text: str, name: str) -> str:
    """Say in plain words why a text is no YAML, and where."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"{name}: is not YAML: {error.problem}"
    line = text.splitlines()[mark.line : mark.line + 1]
    character = line[0][mark.column : mark.column + 1] if line else ""
    where = f"{place(name, mark.line + 1)}, character {mark.column + 1}"
    return f"{where}: is not YAML: {error.problem}{_begun(error)}{_advice(error, character)}"


def _begun(error: yaml.MarkedYAMLError) -> str:
    begun = error.context_mark
    if begun is None or begun.line == error.problem_mark.line:
        return ""
    return f" {error.context}, which begins on line {begun.line + 1}"


def _advice(error: yaml.MarkedYAMLError, character: str) -> str:
    problem = error.problem or ""
    if character == "\t":
        return "; this is a tab: indent by spaces"
    if "cannot start" in problem:
        return f"; put a text that begins with {character} in quotes"
    if "mapping values" in problem:
        return "; put a text that holds ': ' in quotes, and begin the settings of a block alike"
    if "undefined alias" in problem:
        return "; put a text that begins with * in quotes"
    if "escape" in problem:
        return "; put a text that holds \\ in single quotes"
    return "; look for a bracket or a quote that is not closed, or lines that do not begin alike"


class _Reader:
    """Turns YAML's nodes into values, and keeps their lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Setting, int] = {}
        self.repeated: list[tuple[Setting, int]] = []
        self.problems: list[str] = []
        self.above: list[yaml.Node] = []
        self.number = 0

    def file(self, tree: yaml.MappingNode) -> ConfigFile:
        values = self.value(tree, ())
        if self.problems:
            raise InputError(self.problems)
        return ConfigFile(self.name, values, self.lines, self.repeated)

    def value(self, node: yaml.Node, path: Setting) -> Any:
        where = place(self.name, node.start_mark.line + 1)
        self.number += 1
        if self.number > MOST_VALUES:
            raise InputError([f"{where}: here are more than {MOST_VALUES} settings; aliases (*)?"])
        if isinstance(node, yaml.ScalarNode):
            if control := CONTROL.search(node.value):
                found = f"the control character U+{ord(control[0]):04X}"
                self.problems.append(f"{where}, {label(path)}: holds {found}; leave it out")
            return node.value if node.style else Plain(node.value)
        if any(node is outer for outer in self.above):
            raise InputError([f"{where}: an alias (*) in this block stands for the block itself"])
        self.above.append(node)
        read = self.block if isinstance(node, yaml.MappingNode) else self.list
        inner = read(node, path)
        self.above.pop()
        return inner

    def list(self, node: yaml.SequenceNode, path: Setting) -> list:
        for position, item in enumerate(node.value):
            self.lines[(*path, position)] = item.start_mark.line + 1
        return [self.value(item, (*path, n)) for n, item in enumerate(node.value)]

    def block(self, node: yaml.MappingNode, path: Setting) -> dict:
        values: dict = {}
        merged: dict = {}
        for key, inner in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                problem = "a list or block stands where the name of a setting is needed"
                self.problems.append(f"{place(self.name, line)}: {problem}")
            elif key.value == MERGE and not key.style:
                merged |= self.merged(inner, path)
            else:
                self.note((*path, key.value), line)
                values[key.value] = self.value(inner, (*path, key.value))
        return merged | values

    def merged(self, node: yaml.Node, path: Setting) -> dict:
        """Read the blocks that ``<<`` brings in; what is in the first holds."""
        blocks = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: dict = {}
        for block in blocks:
            if not isinstance(block, yaml.MappingNode):
                where = place(self.name, node.start_mark.line + 1)
                self.problems.append(f"{where}: {MERGE} needs a block of settings, such as *other")
                continue
            # Their lines are not those of this block's settings.
            reader = _Reader(self.name)
            reader.above, reader.number = self.above, self.number
            values = reader.value(block, path) | values
            self.number = reader.number
            self.problems += reader.problems
        return values

    def note(self, setting: Setting, line: int) -> None:
        within_repeated = any(setting[: len(block)] == block for block, _ in self.repeated)
        if setting in self.lines and not within_repeated:
            self.repeated.append((setting, self.lines[setting]))
        self.lines[setting] = line
