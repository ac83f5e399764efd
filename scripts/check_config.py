"""The configuration: its settings, and where in which file each of them was given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from check_schema import load_schema, violations, with_defaults
from problems import InputError, place

MISSING = object()

# The keys and list positions that lead to a setting.
Setting = tuple[str | int, ...]


@dataclass(frozen=True)
class ConfigFile:
    """One configuration file.

    Attributes
    ----------
    name : str
        As the user knows it.
    values : dict
        What it says.
    lines : dict
        For each setting the line of its key, or of the item in its list.
    repeated : list of tuple
        Keys that occur more than once in their block.
    """

    name: str
    values: dict
    lines: dict[Setting, int]
    repeated: list[tuple[Setting, int]]


@dataclass(frozen=True)
class Config:
    """A checked configuration.

    Attributes
    ----------
    settings : dict
        Defaults filled in. What is not `sound` cannot be relied on.
    given : dict
        The settings before that, as merged by Snakemake.
    files : sequence of ConfigFile
        Where they came from.
    faults : dict
        For each faulty setting what is wrong with it.
    """

    settings: dict
    given: dict
    files: Sequence[ConfigFile]
    faults: dict[Setting, str]

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong by itself, each with its place."""
        repeated = [
            f"{place(file.name, line)}, {label(setting)}: is given twice;"
            f" only the last one, on line {file.lines[setting]}, would count"
            for file in self.files
            for setting, line in file.repeated
        ]
        return repeated + [
            f"{self.where(setting)}: {fault}" for setting, fault in self.faults.items()
        ]

    def sound(self, *setting: str | int) -> bool:
        """Tell whether a setting is there and neither it nor anything in it is faulty."""
        return value_at(self.settings, setting) is not MISSING and all(
            fault[: len(setting)] != setting and setting[: len(fault)] != fault
            for fault in self.faults
        )

    def where(self, setting: Setting) -> str:
        """Say where a setting was given: a file's line, or the command line.

        What is not there is told with the block that it is missing from.
        """
        there = value_at(self.given, setting) is not MISSING
        holder = setting if there else setting[:-1]
        # A list is replaced by a later file as a whole, a block is merged with it.
        whole = tuple(takewhile(lambda key: isinstance(key, str), holder))
        givers = [
            file
            for file in self.files
            if value_at(file.values, whole) == value_at(self.given, whole)
        ]
        if not givers and not there:
            givers = [f for f in self.files if isinstance(value_at(f.values, holder), dict)]
        if not givers:
            return f"--config, {label(setting)}"
        return f"{place(givers[0].name, self._line(givers[0], holder))}, {label(setting)}"

    @staticmethod
    def _line(file: ConfigFile, setting: Setting) -> int | None:
        # What a YAML merge key (<<) brought in has no line of its own but its block's.
        known = (setting[:end] for end in range(len(setting), 0, -1))
        return next((file.lines[inner] for inner in known if inner in file.lines), None)


def label(setting: Setting) -> str:
    """Name a setting, as ``differential.fdr``; positions in a list are told by their line."""
    return ".".join(str(key) for key in setting if not isinstance(key, int))


def value_at(values: Any, setting: Setting) -> Any:
    """Look a setting up in nested dicts and lists; `MISSING` where there is none."""

    def step(inner: Any, key: str | int) -> Any:
        if isinstance(inner, dict):
            return inner.get(key, MISSING)
        if isinstance(inner, list) and isinstance(key, int) and key < len(inner):
            return inner[key]
        return MISSING

    return reduce(step, setting, values)


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
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.safe_load(text)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise InputError([f"{name}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InputError([f"{name}: is not UTF-8 text"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InputError([f"{place(name, line)}: is not YAML: {error.problem}"]) from error
    if not isinstance(values, dict):
        raise InputError([f"{name}: must hold settings, such as 'aligner: star'"])
    lines: dict[Setting, int] = {}
    repeated: list[tuple[Setting, int]] = []
    for setting, line in _walk(tree, ()):
        within_repeated = any(setting[: len(block)] == block for block, _ in repeated)
        if setting in lines and not within_repeated:
            repeated.append((setting, lines[setting]))
        lines[setting] = line
    return ConfigFile(name, values, lines, repeated)


def _walk(node: yaml.Node, path: Setting) -> Iterator[tuple[Setting, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _walk(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield (*path, position), item.start_mark.line + 1
            yield from _walk(item, (*path, position))


def check_config(
    config: dict, config_files: Sequence[str | Path], working_directory: Path
) -> Config:
    """Hold the configuration against its schema.

    Parameters
    ----------
    config : dict
        The settings as merged by Snakemake.
    config_files : sequence of str or Path
        The files they came from, in any order. What is in none of them came from ``--config``.
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    Config
        The settings and what is wrong with them.

    Raises
    ------
    InputError
        If a configuration file is not YAML.
    """
    paths = [working_directory / path for path in config_files]
    files = [read_config_file(path, _name(path, working_directory)) for path in paths]
    schema = _schema(with_reads=config.get("counts") is None)
    normalized = _with_levels_as_text(_with_strandedness_as_text(config))
    faults = violations(normalized, Draft202012Validator(schema))
    return Config(with_defaults(normalized, schema), config, files, faults)


def _schema(with_reads: bool) -> dict:
    """Load the schema; what reads are counted by is required only if there are reads."""
    schema = load_schema("config")
    reference = schema["properties"]["reference"]
    if with_reads:
        schema["required"] += ["reference", "strandedness"]
        reference["required"] = ["fasta", "gtf"]
    else:
        reference["default"] = {}
    return schema


def _name(path: Path, working_directory: Path) -> str:
    inside = path.is_relative_to(working_directory)
    return str(path.relative_to(working_directory) if inside else path)


def _with_strandedness_as_text(config: dict) -> dict:
    # YAML 1.1 reads an unquoted no or yes as a truth value.
    if not isinstance(config.get("strandedness"), bool):
        return config
    return {**config, "strandedness": "yes" if config["strandedness"] else "no"}


def _with_levels_as_text(config: dict) -> dict:
    """Take the levels of contrasts as the sheet has them, as text: hours are 24, not "24"."""
    contrasts = value_at(config, ("differential", "contrasts"))
    if not isinstance(contrasts, list):
        return config
    differential = {**config["differential"], "contrasts": [_as_text(c) for c in contrasts]}
    return {**config, "differential": differential}


def _as_text(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _as_text(value) for key, value in values.items()}
    is_number = isinstance(values, int | float) and not isinstance(values, bool)
    return f"{values:g}" if is_number else values
