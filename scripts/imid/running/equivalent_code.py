"""Record that edited code of the steps that take hours gives the same bytes as before.

An upgrade would align everything anew for any edit of what alignment imports. Given the working
directories of two finished runs of one experiment, by the code before and after, it holds what
these steps made against each other, and where all is the same, the new code's digest is written
down to stand for the old one's. With --anew, today's code begins anew: results of older code are
to be made again.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pysam
import yaml

from imid.reads.aligners import ALIGNERS
from imid.running.job_records import RECORDS, JobRecord, read_job_records
from imid.running.sources import EQUIVALENT, digest_of_code
from imid.shared.files import written
from imid.shared.problems import InputError, reported

# The steps that take hours, or whose files are read by one that does, by their rules. Those in the
# second list run an aligner, whose module belongs to their code.
STEPS = {
    "genome": "imid.reads.prepare_genome",
    "gene_models": "imid.counting.prepare_annotation",
    "aligner_index": "imid.reads.build_index",
    "strandedness": "imid.reads.find_strandedness",
    "align": "imid.reads.align_sample",
}
WITH_ALIGNER = ["aligner_index", "strandedness", "align"]
# Names and times that differ between any two runs are in these, or in what they are made of.
OF_THE_RUN = {
    *["Log.final.out", "fastp.html", "fastp.json", "origin.json", "aligned.bam.bai"],
    *["genomeParameters.txt", "Log.out"],
}
NAMES = {"code", "origin"}


def compare_runs(before: Path, after: Path) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Hold what two runs made against each other.

    Parameters
    ----------
    before, after : Path
        Working directories of finished runs of one experiment.

    Returns
    -------
    same : dict
        By rule the digest of the code before, and after.
    problems : list of str
        What differs, is missing, or was made of other inputs.

    Raises
    ------
    InputError
        Where one of both is the working directory of no run.
    """
    folders = [before, after]
    if strange := [folder for folder in folders if not (folder / RECORDS).is_dir()]:
        raise InputError(
            [f"{folder}: no run, for there is no {RECORDS} in it" for folder in strange]
        )
    runs = [
        {record.path: record for record in read_job_records(folder) if record.content.rule in STEPS}
        for folder in folders
    ]
    same: dict[str, tuple[str, str]] = {}
    problems = [
        f"{folder}: no record of the rule {rule}; run the workflow there to its end"
        for folder, records in zip(folders, runs, strict=True)
        for rule in STEPS
        if rule not in {record.content.rule for record in records.values()}
    ]
    for path in sorted(runs[0].keys() | runs[1].keys()):
        pair = [records.get(path) for records in runs]
        if None in pair:
            problems.append(f"{path}: only in one of both runs")
            continue
        problems += _differences(*pair, before, after)
        codes = tuple(record.content.params["code"].strip("'") for record in pair)
        if same.setdefault(pair[0].content.rule, codes) != codes:
            problems.append(f"{path}: its run was the work of several versions of the code")
    return same, problems


def _differences(one: JobRecord, other: JobRecord, before: Path, after: Path) -> Iterator[str]:
    """Say in what the results of two jobs differ, or what they were made from."""
    first, second = one.content, other.content
    for name in sorted({*first.params, *second.params} - NAMES):
        if first.params.get(name) != second.params.get(name):
            yield f"{one.path}: made with another {name}"
    # By these Snakemake makes anew what the code would not.
    if first.inputs.keys() != second.inputs.keys():
        yield f"{one.path}: made from another set of files"
    if first.command != second.command:
        yield f"{one.path}: made by another command"
    if first.programs != second.programs:
        yield f"{one.path}: made with other versions of programs"
    for name in sorted({*first.outputs, *second.outputs}):
        was, is_now = first.outputs.get(name), second.outputs.get(name)
        if was == is_now or (was and is_now and Path(name).name in OF_THE_RUN):
            continue
        if not (was and is_now):
            yield f"{name}: only in one of both runs"
        elif not (name.endswith(".bam") and _same_alignments(before / name, after / name)):
            yield f"{name}: differs"


def _same_alignments(one: Path, other: Path) -> bool:
    """Compare alignments one by one; the headers hold the names of folders that are gone."""
    try:
        with pysam.AlignmentFile(str(one)) as first, pysam.AlignmentFile(str(other)) as second:
            pairs = zip(first.fetch(until_eof=True), second.fetch(until_eof=True), strict=True)
            return all(a.to_string() == b.to_string() for a, b in pairs)
    # One is longer, was cut since, or is gone.
    except (ValueError, OSError):
        return False


def record(same: dict[str, tuple[str, str]]) -> None:
    """Write down by rule which digest of code stands for which.

    Parameters
    ----------
    same : dict
        By rule the digest before, and after; what the former stands for already counts.
    """
    text = EQUIVALENT.read_text(encoding="utf-8")
    table = yaml.safe_load(text) or {}
    for rule, (before, after) in same.items():
        digests = table.setdefault(rule, {})
        first = digests.setdefault(before, before)
        digests[after] = first
    about = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    with written(EQUIVALENT) as temporary:
        temporary.write_text(about + yaml.safe_dump(table), encoding="utf-8")


def code_of_today() -> Iterator[tuple[str, str]]:
    """Digest the code of the steps that take hours.

    Yields
    ------
    rule, digest : str
        Of one that runs an aligner, with each aligner.
    """
    for rule, module in STEPS.items():
        for aligner in ALIGNERS if rule in WITH_ALIGNER else [None]:
            yield rule, digest_of_code(module, *([f"imid.reads.{aligner}"] if aligner else []))


def unknown_code() -> list[tuple[str, str]]:
    """List those of `code_of_today` that are not written down."""
    table = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {}
    return [(rule, own) for rule, own in code_of_today() if own not in table.get(rule, {})]


def main(argv: list[str] | None = None) -> None:
    """Compare two runs, and record what they show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN", help="before and after")
    parser.add_argument("--anew", action="store_true", help="today's code begins anew")
    arguments = parser.parse_args(argv)
    if len(arguments.runs) != (0 if arguments.anew else 2):
        parser.error("two runs are needed, one by the code before and one after, or --anew alone")
    if arguments.anew:
        unknown = unknown_code()
        for rule, own in unknown:
            record({rule: (own, own)})
        print(f"{EQUIVALENT}: {len(unknown)} digests of today's code begin anew")
        return
    same, problems = compare_runs(*arguments.runs)
    if problems:
        raise InputError([*problems, "The runs differ: nothing was recorded"])
    record(same)
    print(f"{EQUIVALENT}: the code after stands for that before, in {len(same)} steps")


if __name__ == "__main__":
    reported(main)
