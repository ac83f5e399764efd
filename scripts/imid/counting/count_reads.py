"""Count reads in features: the answer of htseq-count, for a small part of its cost."""

import argparse
import itertools
import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np

from imid.counting.alignments import open_alignments
from imid.counting.audit import (
    cut_sample,
    differences_from_htseq,
    encode,
    take_sample,
)
from imid.counting.bam import FIRST, Header, read_header, read_records
from imid.counting.counting import MODES, Options, count_fragments
from imid.counting.features import Features, is_prepared, load_features, read_annotation
from imid.counting.fragments import NONE, Fragments, paired_fragments, single_fragments
from imid.counting.strands import StrandTally
from imid.counting.tally_alignments import Tally
from imid.shared.bgzf import read_blocks
from imid.shared.counters import COUNTERS
from imid.shared.files import written
from imid.shared.json_files import write_json
from imid.shared.problems import InputError, reported

# Names remembered to notice mates that are far apart; enough for any order, little memory.
NAMES_REMEMBERED = 250_000


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line; what htseq-count has under other names or values is refused."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Options of htseq-count that are not listed are not supported.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("alignments", help="BAM, SAM or CRAM; - for standard input")
    add("features", type=Path, help="GTF, or what imid.counting.features made of it")
    add("-f", "--format", choices=["auto", "bam", "sam"], default="auto")
    add("-r", "--order", choices=["name", "pos"], default="name", help="pos: collate first")
    add("-s", "--stranded", choices=["yes", "no", "reverse"], default="yes")
    add("-a", "--minaqual", type=int, default=10, help="lowest mapping quality (default: 10)")
    add("-t", "--type", action="append", help="feature type (default: exon); may be repeated")
    add("-i", "--idattr", action="append", help="id attribute (default: gene_id); likewise")
    add("-m", "--mode", choices=MODES, default="union")
    add("--nonunique", choices=["none"], default="none")
    add("--secondary-alignments", choices=["ignore"], default="ignore")
    add("--supplementary-alignments", choices=["ignore"], default="ignore")
    add("-d", "--delimiter", default="\t")
    add("-c", "--counts_output", type=Path, help="file to write (default: standard output)")
    add("-q", "--quiet", action="store_true", help="say nothing of the audit")
    add("--audit", type=int, default=5_000, help="reads or pairs that HTSeq counts as well")
    add("--audit-evidence", type=Path, default=Path("count_reads.audit.bam"))
    add("--audit-report", type=Path, help="file for what differs; counting then goes on")
    add("--tally", type=Path, help="JSON to write: records, names, mates and fragments")
    add("--exons", type=Path, help="BED by strand: tally of which strand first mates are")
    arguments = parser.parse_args(argv)
    if arguments.exons and not arguments.tally:
        parser.error("--exons: what they tell is written with --tally")
    return arguments


def choose_features(arguments: argparse.Namespace) -> Features:
    """Load features, or read them from the annotation.

    Parameters
    ----------
    arguments : Namespace
        The command line.

    Returns
    -------
    Features

    Raises
    ------
    InputError
        Where prepared features were made with other options.
    """
    stranded = arguments.stranded != "no"
    if not is_prepared(arguments.features):
        types, id_attributes = arguments.type or ["exon"], arguments.idattr or ["gene_id"]
        return read_annotation(arguments.features, types, id_attributes, stranded)
    features = load_features(arguments.features, stranded)
    asked = {"feature_types": arguments.type, "id_attributes": arguments.idattr}
    problems = [
        f"{arguments.features}: was prepared with {name} {features.settings[name]}, not {value}"
        for name, value in asked.items()
        if value is not None and value != features.settings[name]
    ]
    if problems:
        raise InputError(problems)
    return features


def match_contigs(header: Header, features: Features) -> np.ndarray:
    """Find the contigs of the alignments among those of the annotation.

    Parameters
    ----------
    header : Header
        Of the alignments.
    features : Features
        The annotation.

    Returns
    -------
    ndarray of int64
        For each contig of the header its number among the features, or `NONE`.

    Raises
    ------
    InputError
        Where they have no contig in common.
    """
    number = {contig: index for index, contig in enumerate(features.contigs)}
    matched = np.array([number.get(contig, NONE) for contig in header.contigs])
    if (matched == NONE).all():
        raise InputError(
            [
                "alignments and annotation have no contig in common: "
                f"{', '.join(header.contigs[:3])} … and {', '.join(features.contigs[:3])} …; "
                "both must come from one reference"
            ]
        )
    return matched


def notice_scattered(fragments: Fragments, seen: set[int]) -> None:
    """Refuse a file in which the mates of a name do not follow each other.

    Parameters
    ----------
    fragments : Fragments
        The next ones.
    seen : set of int
        Hashes of names, and of which mate is missing; those of `fragments` are added.

    Raises
    ------
    InputError
        Where a missing mate turns up.
    """
    if len(seen) > NAMES_REMEMBERED:
        return
    is_first = fragments.records.has(FIRST)
    for row in fragments.orphan.tolist():
        name = fragments.records.name(row)
        if hash((name, not is_first[row])) in seen:
            raise InputError(
                [
                    f"the mates of '{name.decode(errors='replace')}' are apart: reads are sorted "
                    "by position, or shuffled; collate them (samtools collate), or use --order pos"
                ]
            )
        seen.add(hash((name, is_first[row])))


def count_stream(
    stream: BinaryIO, features: Features, options: Options, arguments: argparse.Namespace
) -> np.ndarray:
    """Count a BAM.

    Parameters
    ----------
    stream : binary file
        The BAM, mates following each other.
    features : Features
        What to count in.
    options : Options
        How to count.
    arguments : Namespace
        The command line, for the name of the file and the audit.

    Returns
    -------
    ndarray of int64
        Counts of the features, then of `COUNTERS`.
    """
    blocks = read_blocks(stream, arguments.alignments)
    header, rest = read_header(blocks)
    contig_number = match_contigs(header, features)
    group = paired_fragments if header.paired else single_fragments

    def count(records, tally=None):
        fragments = group(records)
        notice_scattered(fragments, seen)
        if tally:
            tally.add(records, fragments)
        return count_fragments(fragments, features, contig_number, options)

    seen: set[int] = set()
    batches = read_records(blocks, rest, len(header.contigs), header.paired)
    taken = take_sample(batches, header.paired, arguments.audit)
    if taken:
        sample = cut_sample(taken, header.paired, arguments.audit)
        ours = sum(count(records) for records in sample)
        seen.clear()
        bam = encode(header, sample)
        found = differences_from_htseq(ours, bam, features, options, arguments.audit_evidence)
        report_audit(found, int(ours.sum()), arguments)
    empty = np.zeros(len(features.ids) + len(COUNTERS), np.int64)
    tally = Tally(StrandTally(arguments.exons, header.contigs) if arguments.exons else None)
    counts = sum((count(records, tally) for records in itertools.chain(taken, batches)), empty)
    if arguments.tally:
        tally.write(arguments.tally)
    return counts


def report_audit(differences: list[str], fragments: int, arguments: argparse.Namespace) -> None:
    """Tell what the audit found, and stop there unless a file is named for it.

    Parameters
    ----------
    differences : list of str
        As given by `differences_from_htseq`.
    fragments : int
        How many were counted by both.
    arguments : Namespace
        The command line.

    Raises
    ------
    InputError
        Where the counts differ and no report is asked for.
    """
    if arguments.audit_report:
        write_json({"fragments": fragments, "differences": differences}, arguments.audit_report)
    elif differences:
        raise InputError(differences)
    if differences:
        print(*differences, sep="\n", file=sys.stderr)
    elif not arguments.quiet:
        print(f"audit: HTSeq agrees on the first {fragments} fragments", file=sys.stderr)


def main(argv: list[str] | None = None) -> None:
    """Print the table of counts, or write it to a file."""
    arguments = parse_arguments(argv)
    features = choose_features(arguments)
    options = Options(arguments.mode, arguments.stranded, arguments.minaqual)
    with open_alignments(arguments.alignments, arguments.format, arguments.order) as stream:
        counted = count_stream(stream, features, options, arguments).tolist()
    counts = dict(zip([*features.ids, *COUNTERS], counted, strict=True))
    table = "".join(f"{name}{arguments.delimiter}{count}\n" for name, count in counts.items())
    if arguments.counts_output:
        with written(arguments.counts_output) as temporary:
            temporary.write_text(table)
    else:
        sys.stdout.write(table)
        # At the interpreter's end a full disk would be told by no status.
        sys.stdout.flush()


if __name__ == "__main__":
    reported(main)
