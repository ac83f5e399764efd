"""What a sample's alignments and counts were made from, and whether they are as they were made.

It is written down beside them, so that a run can go on from them when the reads are in an archive.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from imid.reads.aligner import load
from imid.shared.files import written
from imid.shared.fingerprints import fingerprint

REPORTS, ORIGIN = "reports", "origin.json"
ALIGNMENTS, COUNTS = "aligned.bam", "counts.tsv"
OUTPUTS = [ALIGNMENTS, f"{ALIGNMENTS}.bai", COUNTS]
KEYS = ["reads", "settings", "strandedness", "outputs"]


def planned_origin(lanes: Iterable[dict[str, str]], settings: dict) -> dict:
    """Say what a sample is to be made from.

    Parameters
    ----------
    lanes : iterable of dict
        Its rows of the sheet.
    settings : dict
        The configuration, defaults filled in.

    Returns
    -------
    dict
        ``reads``: the FASTQ files, lane by lane; ``settings``: all by which other alignments or
        counts would come from them, but for the strandedness, which the run itself may find;
        ``reference``: genome, annotation and index that the user gives.
    """
    reference = settings["reference"]
    return {
        "reads": [name for lane in lanes for name in (lane["fastq_1"], lane["fastq_2"]) if name],
        "settings": {key: settings[key] for key in ("aligner", "trim", "adapters", "count_engine")},
        "reference": {key: reference[key] for key in ("fasta", "gtf", "index") if reference[key]},
    }


def write_origin(planned: dict, strandedness: str, sample: Path) -> None:
    """Write down what a finished sample was made from, and what came of it.

    Parameters
    ----------
    planned : dict
        As given by `planned_origin`.
    strandedness : {"no", "yes", "reverse"}
        That it was counted with.
    sample : Path
        Its folder.
    """
    origin = {
        "reads": {name: fingerprint(Path(name)) for name in planned["reads"]},
        "settings": planned["settings"],
        "reference": contents(planned),
        "strandedness": strandedness,
        "outputs": {name: fingerprint(sample / name) for name in made_in(sample)},
    }
    with written(sample / REPORTS / ORIGIN) as temporary:
        temporary.write_text(json.dumps(origin, indent=2) + "\n")


def contents(planned: dict) -> dict[str, str]:
    """Digest those files of the reference that are there, whatever their names.

    Parameters
    ----------
    planned : dict
        As given by `planned_origin`.

    Returns
    -------
    dict
        By ``fasta``, ``gtf`` and ``index``.
    """
    parts = {key: [name] for key, name in planned["reference"].items()}
    if "index" in parts:
        aligner = load(planned["settings"]["aligner"])
        parts["index"] = aligner.prebuilt_index(*parts["index"], Path())[1]
    there = {key: [*map(Path, names)] for key, names in parts.items()}
    return {
        key: " ".join(map(content, paths))
        for key, paths in there.items()
        if all(path.exists() for path in paths)
    }


# Samples share their reference.
content = cache(fingerprint)


def made_in(sample: Path) -> list[str]:
    """List what was made of a sample: alignments, counts, and every report."""
    reports = sorted(path for path in (sample / REPORTS).rglob("*") if path.is_file())
    return [*OUTPUTS, *(str(path.relative_to(sample)) for path in reports if path.name != ORIGIN)]


def read_record(path: Path) -> dict | None:
    """Read what an earlier run wrote down; None where nothing readable is."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def read_origin(sample: Path) -> dict | None:
    """Read what a sample was made from; None where nothing of the kind is written down."""
    origin = read_record(sample / REPORTS / ORIGIN)
    return origin if origin and {*KEYS} <= set(origin) else None


def changed(origin: dict, planned: dict, strandedness: str | None) -> list[str]:
    """Tell what a sample is to be made from that it was not made from.

    Parameters
    ----------
    origin : dict
        As given by `read_origin`.
    planned : dict
        As given by `planned_origin`.
    strandedness : str or None
        The setting; None where it is found from the reads.

    Returns
    -------
    list of str
        In words that follow "was made": ``with aligner star, which is now hisat2``.
    """
    differences = []
    if list(origin["reads"]) != planned["reads"]:
        made, now = ("+".join(names) for names in (origin["reads"], planned["reads"]))
        differences.append(f"from {made}, and the sheet names {now}")
    were = {**origin["settings"], "strandedness": origin["strandedness"]}
    are = {**planned["settings"], "strandedness": strandedness or origin["strandedness"]}
    differences += [
        f"with {key} {were.get(key)}, which is now {value}"
        for key, value in are.items()
        if were.get(key) != value
    ]
    now = contents(planned)
    made = origin.get("reference", now)
    return differences + [
        f"with another {key} than that of the config"
        for key in ("fasta", "gtf", "index")
        # One that is there no more is not needed any more.
        if made.get(key) != now.get(key) and (key in now or key not in planned["reference"])
    ]


def damaged(origin: dict, sample: Path) -> list[str]:
    """Tell which of a sample's files are missing, or are not as they were made."""
    there = {name for name in origin["outputs"] if (sample / name).exists()}
    return [
        f"{name} {'was changed or cut' if name in there else 'is missing'}"
        for name, made in origin["outputs"].items()
        if name not in there or fingerprint(sample / name) != made
    ]
