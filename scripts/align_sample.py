"""One sample from FASTQ to alignments and counts.

What the aligner writes is counted, sorted and held against the strandedness as it comes, and
stored only once, sorted. Trimmed reads lie in scratch space and go when the sample is done. What
is published appears only when all of it is complete.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import aligners
from files import written
from origins import ALIGNMENTS, write_origin
from problems import InputError, reported
from streams import pour

COUNTS = "counts.tsv"
REPORTS = "reports"
UNFINISHED = ".unfinished."
KEPT = "failed"
SUMMARIES = {
    "star": ["Log.final.out", "ReadsPerGene.out.tab", "SJ.out.tab"],
    "hisat2": ["hisat2.txt"],
}


def say(message: str) -> None:
    """Tell the log what is being done, and when it began."""
    print(f"{datetime.now():%H:%M:%S} {message}", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], **streams) -> None:
    """Run a program and wait for it.

    Raises
    ------
    InputError
        If it fails; its own messages are in the log.
    """
    words = [str(word) for word in command]
    if status := subprocess.run(words, **streams).returncode:
        raise InputError([f"{words[0]} ended with status {status}; its messages are above"])


def refuse_truncated(reads: list[Path]) -> None:
    """Refuse truncated files, which fastp and the aligners take for short ones."""
    say("testing that the reads are whole")
    for path in reads:
        if path.suffix == ".gz":
            run(["gzip", "--test", path])


def write_checksums(reads: list[Path], output: Path) -> None:
    """Write the checksum of each file, as sha256sum does."""
    with output.open("w") as checksums:
        run(["sha256sum", *reads], stdout=checksums)


def trim(first: Path, second: Path | None, lane: int, threads: int, scratch: Path, reports: Path):
    """Trim one lane with fastp.

    Parameters
    ----------
    first, second : Path
        The mates; no second for single-end reads.
    lane : int
        Names the outputs.
    threads : int
        Threads to use.
    scratch, reports : Path
        Folders for the trimmed reads, and for fastp's reports.

    Returns
    -------
    list of Path
        The trimmed mates.
    """
    mates = [mate for mate in (first, second) if mate]
    trimmed = [scratch / f"{lane}_{number}.fastq.gz" for number in range(1, len(mates) + 1)]
    pairs = zip(["1", "2"], mates, trimmed, strict=False)
    files = [word for n, mate, out in pairs for word in (f"--in{n}", mate, f"--out{n}", out)]
    paired = ["--detect_adapter_for_pe"] if second else []
    named = ["--json", reports / f"{lane}.json", "--html", reports / f"{lane}.html"]
    # For the next program alone: compressed lightly.
    run(["fastp", *files, *paired, *named, "--thread", threads, "--compression", 1])
    return trimmed


def trim_lanes(first: list[Path], second: list[Path], threads: int, scratch: Path, reports: Path):
    """Trim every lane; give the trimmed first mates, and the second ones."""
    reports.mkdir()
    lanes = []
    for number, mate in enumerate(first, start=1):
        say(f"trimming lane {number} of {len(first)}")
        other = second[number - 1] if second else None
        lanes.append(trim(mate, other, number, threads, scratch, reports))
    return [lane[0] for lane in lanes], [lane[1] for lane in lanes if len(lane) > 1]


def counter(arguments: argparse.Namespace, finished: Path) -> list[object]:
    """Put together the command that counts what it reads on its standard input."""
    options = ["--order", "name", "--stranded", arguments.strandedness, "--mode", "union"]
    options += ["--counts_output", finished / COUNTS]
    if arguments.count_engine == "htseq":
        ignored = ["--secondary-alignments", "ignore", "--supplementary-alignments", "ignore"]
        return ["htseq-count", "--quiet", *options, *ignored, "-", arguments.annotation]
    evidence = ["--audit-evidence", arguments.output / "audit.bam"]
    evidence += ["--audit-report", finished / REPORTS / "audit.json"]
    script = Path(__file__).with_name("count_reads.py")
    return [sys.executable, script, *options, *evidence, "-", arguments.features]


def strand_check(arguments: argparse.Namespace, finished: Path) -> list[object]:
    """Put together the command that holds the first fragments against its line's strandedness."""
    script = Path(__file__).with_name("check_strandedness.py")
    options = ["--exons", arguments.exons, "--configured", arguments.strandedness]
    options += ["--sample", arguments.sample, "--output", finished / REPORTS / "strandedness.json"]
    return [sys.executable, script, "--alignments", "-", *options]


def sorter(threads: int, scratch: Path, finished: Path) -> list[object]:
    """Put together the command that sorts by position, and indexes as it writes."""
    output = finished / "aligned.bam"
    chunks = ["-T", scratch / "sort", "-m", "768M", "--threads", threads]
    index = ["--write-index", "-o", f"{output}##idx##{output}.bai"]
    return ["samtools", "sort", *chunks, *index, "-"]


def aligner_command(
    arguments: argparse.Namespace, reads: tuple[list[Path], list[Path]], scratch: Path
) -> list[str]:
    """Put the aligner's command line together from the step's own."""
    shared = {"sample": arguments.sample, "threads": arguments.threads, "scratch": scratch}
    if arguments.aligner == "star":
        return aligners.star(arguments.index, *reads, **shared, annotation=arguments.annotation)
    return aligners.hisat2(
        arguments.index,
        *reads,
        **shared,
        splice_sites=arguments.splice_sites,
        strandedness=arguments.strandedness,
    )


def process(arguments: argparse.Namespace, scratch: Path, finished: Path) -> None:
    """Go from reads to alignments and counts.

    Parameters
    ----------
    arguments : Namespace
        The command line.
    scratch : Path
        For what is not kept.
    finished : Path
        For what is.
    """
    reads = (arguments.first, arguments.second)
    reports = finished / REPORTS
    reports.mkdir()
    refuse_truncated([*arguments.first, *arguments.second])
    write_checksums([*arguments.first, *arguments.second], reports / "reads.sha256")
    if arguments.trim:
        reads = trim_lanes(*reads, arguments.threads, scratch, reports / "fastp")
    say(f"aligning with {arguments.aligner}, counting and sorting")
    aligner = [aligner_command(arguments, reads, scratch)]
    if arguments.aligner == "hisat2":
        aligner.append(["samtools", "view", "--uncompressed", "-"])
    pour(
        aligner,
        [
            strand_check(arguments, finished),
            counter(arguments, finished),
            sorter(arguments.threads, scratch, finished),
        ],
    )
    for name in SUMMARIES[arguments.aligner]:
        shutil.move(scratch / name, reports / name)
    counts = read_counts(finished / COUNTS)
    write_fates(counts, reports / "fragments.tsv")
    put_header_above(finished / COUNTS)
    write_origin(arguments.origin, arguments.strandedness, finished)


def read_counts(path: Path) -> dict[str, int]:
    """Read a table of counts as htseq-count writes it."""
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return {name: int(count) for name, count in rows}


def write_fates(counts: dict[str, int], output: Path) -> None:
    """Write how many fragments were assigned to a gene, and what became of the others."""
    fates = {"assigned": 0}
    for name, count in counts.items():
        fate = name if name.startswith("__") else "assigned"
        fates[fate] = fates.get(fate, 0) + count
    output.write_text("".join(f"{fate}\t{count}\n" for fate, count in fates.items()))


def put_header_above(path: Path) -> None:
    """Make htseq-count's output a table like the others."""
    with written(path) as temporary:
        temporary.write_text("gene_id\tcount\n" + path.read_text())


def strandedness_of(finding: str) -> str:
    """Read the strandedness that was found, or confirmed, for the sample's cell line."""
    return json.loads(Path(finding).read_text())["strandedness"]


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--first", nargs="+", type=Path, required=True, help="first mates by lane")
    parser.add_argument("--second", nargs="*", default=[], type=Path, help="second mates by lane")
    parser.add_argument("--trim", action="store_true", help="trim with fastp")
    parser.add_argument("--aligner", choices=SUMMARIES, required=True)
    parser.add_argument("--index", type=Path, required=True, help="its folder, or first file")
    parser.add_argument("--count-engine", choices=["fast", "htseq"], required=True)
    parser.add_argument("--features", type=Path, required=True, help="prepared by features.py")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF, not compressed")
    parser.add_argument("--splice-sites", type=Path, required=True, help="known ones, for HISAT2")
    parser.add_argument("--exons", type=Path, required=True, help="BED, for the strandedness")
    parser.add_argument("--strandedness", type=strandedness_of, required=True, help="JSON")
    parser.add_argument("--origin", type=json.loads, required=True, help="to write down, JSON")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for large files")
    parser.add_argument("--output", type=Path, required=True, help="folder of the sample")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Write a sample's alignments, counts and reports to its folder."""
    arguments = parse(argv)
    arguments.output.mkdir(parents=True, exist_ok=True)
    # What a job left that was killed; no two jobs write to one folder.
    for left in arguments.output.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="align.") as scratch,
        tempfile.TemporaryDirectory(dir=arguments.output, prefix=UNFINISHED) as finished,
    ):
        try:
            process(arguments, Path(scratch), Path(finished))
        except InputError as error:
            raise InputError([*error.problems, *keep(Path(finished), arguments.output)]) from error
        shutil.rmtree(arguments.output / KEPT, ignore_errors=True)
        for made in Path(finished).iterdir():
            publish(made, arguments.output / made.name)
    say("done")


def keep(finished: Path, output: Path) -> list[str]:
    """Keep alignments that took an hour, where the sample fails after them; say where they are.

    The name is none that the workflow takes for finished.
    """
    # samtools writes the index last.
    if not (finished / f"{ALIGNMENTS}.bai").exists():
        return []
    shutil.rmtree(output / KEPT, ignore_errors=True)
    (output / KEPT).mkdir()
    for made in finished.iterdir():
        made.replace(output / KEPT / made.name)
    return [f"what was made of it is kept in {output / KEPT}"]


def publish(made: Path, target: Path) -> None:
    """Move a finished file or folder to its place, over what an earlier run left there."""
    if target.is_dir():
        shutil.rmtree(target)
    made.replace(target)


if __name__ == "__main__":
    reported(main)
