"""The configuration: its settings, and where in which file each of them was given."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from imid.question.contrasts import Contrast
from imid.question.quality_settings import Quality
from imid.question.sample_figures import NEITHER, sample_figures
from imid.question.settings import Settings
from imid.reads.aligners import ALIGNERS
from imid.shared.json_files import as_shape
from imid.shared.problems import InputError, place
from imid.userfiles.check_schema import typed, violations, with_defaults
from imid.userfiles.config_files import ConfigFile, Plain, Setting, label, read_config_file
from imid.userfiles.schemas import load_schema

MISSING = object()
COMMAND_LINE = "--config"
CONTRASTS: Setting = ("differential", "contrasts")
# Whose settings have defaults of their own, also where nothing of them is sound.
BLOCKS = ["reference", "differential"]


@dataclass(frozen=True)
class Config:
    """A checked configuration.

    Attributes
    ----------
    settings : Settings
        Defaults filled in. A faulty setting is as if it had been left out, and is told; what is
        only to be said where it is `sound` stands for nothing else.
    quality : Quality
        The block ``qc``, likewise.
    contrasts : dict of int to Contrast
        Those without fault, by their position in the list.
    values : dict
        What is given, in dicts and lists, faulty or not; defaults filled in.
    sources : sequence of ConfigFile
        Where they were given; each overrides those before it.
    faults : dict
        For each faulty setting what is wrong with it.
    """

    settings: Settings
    quality: Quality
    contrasts: dict[int, Contrast]
    values: dict
    sources: Sequence[ConfigFile]
    faults: dict[Setting, str]

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong by itself, each with its place."""
        repeated = [
            f"{place(file.name, line)}, {label(setting)}: is given twice;"
            f" only the last one, on line {file.lines[setting]}, would count"
            for file in self.sources
            for setting, line in file.repeated
        ]
        return repeated + [
            f"{self.where(setting)}: {fault}" for setting, fault in self.faults.items()
        ]

    def sound(self, *setting: str | int) -> bool:
        """Tell whether a setting is there and neither it nor anything in it is faulty."""
        return value_at(self.values, setting) is not MISSING and _is_clean(setting, self.faults)

    def where(self, setting: Setting) -> str:
        """Say where a setting was given: a file's line, or the command line.

        What is not there is told with the block that it is missing from.
        """
        # A list is taken whole from the last source that has it; a block is merged.
        whole = tuple(takewhile(lambda key: isinstance(key, str), setting))
        givers = [s for s in self.sources if value_at(s.values, whole) is not MISSING]
        if givers and value_at(givers[-1].values, setting) is not MISSING:
            holder = setting
        else:
            holder = setting[:-1]
            blocks = [s for s in self.sources if isinstance(value_at(s.values, holder), dict)]
            givers = givers or blocks[:1]
        return f"{place(givers[-1].name, _line(givers[-1], holder))}, {label(setting)}"


def _is_clean(setting: Setting, faults: Iterable[Setting]) -> bool:
    """Tell whether neither a setting, nor what it is in, nor anything in it is faulty."""
    return all(
        fault[: len(setting)] != setting and setting[: len(fault)] != fault for fault in faults
    )


def _line(source: ConfigFile, setting: Setting) -> int | None:
    # What a YAML merge key (<<) brought in has no line of its own but its block's.
    known = (setting[:end] for end in range(len(setting), 0, -1))
    return next((source.lines[inner] for inner in known if inner in source.lines), None)


def value_at(values: Any, setting: Setting) -> Any:
    """Look a setting up in nested dicts and lists; `MISSING` where there is none."""

    def step(inner: Any, key: str | int) -> Any:
        if isinstance(inner, dict):
            return inner.get(key, MISSING)
        if isinstance(inner, list) and isinstance(key, int) and key < len(inner):
            return inner[key]
        return MISSING

    return reduce(step, setting, values)


def check_config(
    config_files: Sequence[str | Path],
    working_directory: Path,
    overrides: Mapping[str, Any] | None = None,
) -> Config:
    """Read the configuration, and hold it against its schema.

    Parameters
    ----------
    config_files : sequence of str or Path
        Each overrides those before it: blocks are merged, lists and values replaced.
    working_directory : Path
        What relative paths start from.
    overrides : mapping, optional
        The settings of the command line, as Snakemake's ``--config`` gives them.

    Returns
    -------
    Config
        The settings and what is wrong with them.

    Raises
    ------
    InputError
        If a configuration file cannot be read, or is not YAML.
    """
    sources, problems = [], []
    for file in config_files:
        path = working_directory / file
        try:
            sources.append(read_config_file(path, _name(path, working_directory)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if overrides or not sources:
        sources.append(ConfigFile(COMMAND_LINE, _as_written(overrides or {})))
    given: dict = reduce(_merged, (source.values for source in sources), {})
    schema = _schema(given)
    values = typed(given, schema)
    faults = violations(values, Draft202012Validator(schema))
    sound = with_defaults(_sound_part(values, faults), schema)
    if ("counts",) in faults:
        # A matrix is meant, whatever is wrong with its name.
        sound["counts"] = ""
    settings = as_shape(sound, Settings, "config")
    quality = as_shape(sound["qc"], Quality, "config")
    listed = value_at(values, CONTRASTS)
    positions = range(len(listed) if isinstance(listed, list) else 0)
    clean = [position for position in positions if _is_clean((*CONTRASTS, position), faults)]
    contrasts = dict(zip(clean, settings.differential.contrasts, strict=True))
    return Config(settings, quality, contrasts, with_defaults(values, schema), sources, faults)


def _sound_part(values: dict, faults: Collection[Setting]) -> dict:
    """Leave out what is faulty: a setting of a block, a list as a whole, of contrasts the one."""

    def kept(value: Any, at: Setting) -> Any:
        if isinstance(value, dict):
            return {
                key: kept(inner, (*at, key))
                for key, inner in value.items()
                if (*at, key) not in faults
                and not (isinstance(inner, list) and _is_spoilt((*at, key), faults))
            }
        if at == CONTRASTS:
            return [item for n, item in enumerate(value) if _is_clean((*at, n), faults)]
        return value

    blocks: dict[str, dict] = {block: {} for block in BLOCKS}
    return blocks | kept(values, ())


def _is_spoilt(setting: Setting, faults: Collection[Setting]) -> bool:
    return setting != CONTRASTS and not _is_clean(setting, faults)


def _merged(values: dict, others: dict) -> dict:
    """Let settings override others as Snakemake does: blocks are merged, all else is replaced."""

    def one(key: str) -> Any:
        if key not in others:
            return values[key]
        both = isinstance(values.get(key), dict) and isinstance(others[key], dict)
        return _merged(values[key], others[key]) if both else others[key]

    return {key: one(key) for key in {**values, **others}}


def _as_written(value: Any) -> Any:
    """Take back what Snakemake made of the command line: 5 is the text that stood there."""
    if isinstance(value, Mapping):
        return {str(key): _as_written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_written(item) for item in value]
    if isinstance(value, bool):
        return Plain("yes" if value else "no")
    return Plain("" if value is None else value)


def _schema(given: dict) -> dict:
    """Load the schema, the names of the aligners and those of the figures of samples.

    What reads are counted by is required only if there are reads.
    """
    schema = load_schema("config")
    schema["properties"]["aligner"]["enum"] = [*ALIGNERS]
    quality = schema["properties"]["qc"]["properties"]
    figures = sample_figures()
    quality["bounds"]["properties"] = dict.fromkeys(figures, schema["$defs"]["bounds"])
    quality["stop_on"]["items"]["enum"] = [n for n, f in figures.items() if f.worse != NEITHER]
    reference = schema["properties"]["reference"]
    if typed(given, schema).get("counts") is None:
        schema["required"] += ["reference", "strandedness"]
        reference["required"] = ["fasta", "gtf"]
    else:
        reference["default"] = {}
    return schema


def _name(path: Path, working_directory: Path) -> str:
    inside = path.is_relative_to(working_directory)
    return str(path.relative_to(working_directory) if inside else path)
