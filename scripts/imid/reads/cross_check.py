"""Hold a finished sample against what else is known of it: HTSeq, aligner, strandedness.

This comes after its alignments and counts are in their place, where they stay whatever is found.
"""

import argparse
import sys
from hashlib import sha256
from pathlib import Path

from imid.reads.aligner import Aligner, load
from imid.reads.findings import (
    AUDIT,
    STRANDEDNESS,
    Audit,
    LineStrandedness,
    SampleStrandedness,
    read_line_strandedness,
)
from imid.shared.checksums import READS, read_checksums
from imid.shared.count_table import read_count_table
from imid.shared.json_files import read_json, write_json
from imid.shared.problems import InputError, reported
from imid.shared.rows import read_rows
from imid.shared.sample_checks import SampleChecks

# Counts of fewer may be those of another sample by chance.
ENOUGH_FRAGMENTS = 100


def htseq_finding(reports: Path) -> str:
    """Say what the audit by HTSeq found; raise `InputError` where it differs."""
    audit = read_json(reports / AUDIT, Audit)
    if audit.differences:
        raise InputError(audit.differences)
    return f"HTSeq agrees on the first {audit.fragments} fragments"


def strand_finding(reports: Path, line: LineStrandedness) -> str:
    """Say what the sample's reads show of the strand; raise `InputError` if not its line's."""
    own = read_json(reports / STRANDEDNESS, SampleStrandedness)
    if own.wrong:
        raise InputError(
            [
                f"its reads are of another strandedness than those of {line.sample}, by which"
                f" cell line {line.cell_line} is counted: {own.message}; was it made with"
                " another kit? leave it out (exclude), or give it a cell line of its own"
            ]
        )
    return own.message


def cross_check(
    counts: dict[str, int],
    reports: Path,
    line: LineStrandedness,
    aligner: Aligner,
    exceptions: list[Path],
) -> dict[str, str]:
    """Hold a sample against all that is known of it.

    Parameters
    ----------
    counts : dict of str to int
        By gene and counter.
    reports : Path
        Its folder of reports.
    line : LineStrandedness
        That of its cell line.
    aligner : Aligner
        By which it was aligned.
    exceptions : list of Path
        Tables of the genes that the aligner counts in another way, if it counts.

    Returns
    -------
    dict of str to str
        What each check that applies says, by its name.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    unlike = [gene["gene_id"] for table in exceptions for gene in read_rows(table)]
    checks = {"strandedness": lambda: strand_finding(reports, line)}
    if (reports / AUDIT).exists():
        checks["htseq"] = lambda: htseq_finding(reports)
    held = (counts, reports, line.strandedness, unlike)
    checks[aligner.name] = lambda: aligner.check_counts(*held)
    said, problems = {}, []
    for name, check in checks.items():
        try:
            said[name] = check()
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return {name: finding for name, finding in said.items() if finding}


def main(argv: list[str] | None = None) -> None:
    """Write what the checks of a sample say, or stop with what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--counts", type=Path, required=True, help="its table of counts")
    parser.add_argument("--reports", type=Path, required=True, help="its folder of reports")
    parser.add_argument("--strandedness", type=Path, required=True, help="its line's, JSON")
    parser.add_argument("--aligner", type=load, required=True)
    parser.add_argument("--exceptions", nargs="*", default=[], type=Path, help="genes, tables")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    line = read_line_strandedness(arguments.strandedness)
    counts = read_count_table(arguments.counts)
    try:
        witness = (arguments.aligner, arguments.exceptions)
        said = cross_check(counts, arguments.reports, line, *witness)
    except InputError as error:
        kept = f"its alignments and counts are kept in {arguments.counts.parent}"
        problems = [*error.problems, kept]
        raise InputError(f"sample {arguments.sample}: {problem}" for problem in problems) from error
    for name, text in said.items():
        print(f"{name}: {text}", file=sys.stderr)
    # With what tells it from other samples, which the next steps hold against each other.
    in_genes = sum(count for gene, count in counts.items() if not gene.startswith("__"))
    enough = in_genes >= ENOUGH_FRAGMENTS
    checks = SampleChecks(
        findings=said,
        reads=read_checksums([arguments.reports / READS]),
        counts_sha256=sha256(arguments.counts.read_bytes()).hexdigest() if enough else None,
    )
    write_json(checks, arguments.output)


if __name__ == "__main__":
    reported(main)
