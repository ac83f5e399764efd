"""The contaminants that the configuration names: files of sequences, each another."""

from pathlib import Path

from imid.inputs.check_config import Config
from imid.inputs.check_quality import QUALITY
from imid.inputs.check_reference import read_fasta
from imid.shared.problems import ContentError, InputError, quoted
from imid.userfiles.user_files import file_fault


def contaminant_problems(config: Config, working_directory: Path) -> list[str]:
    """Look into the files of sequences that reads are to be held against.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    list of str
        Files that are missing, empty or no FASTA, that hold a name twice, or that stand under two
        names, so that no read would be of either.
    """
    problems = []
    first: dict[Path, str] = {}
    for name, file in config.quality.contaminants.items():
        path = working_directory / file
        where = config.where((QUALITY, "contaminants", name))
        other = first.setdefault(path.resolve(), name)
        if fault := file_fault(path):
            problems.append(f"{where}: {quoted(file)} {fault}")
        elif other != name:
            problems.append(f"{where}: {quoted(file)} is the file of {other}, too")
        else:
            problems += [f"{where}: {fault}" for fault in _faults(path, file)]
    return problems


def _faults(path: Path, file: str) -> list[str]:
    try:
        read_fasta(path, file)
    except ContentError as error:
        return [f"{quoted(file)} {error}"]
    except InputError as error:
        return error.problems
    return []
