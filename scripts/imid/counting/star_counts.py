"""Holding a sample's counts against those that STAR makes while it aligns."""

import itertools
from collections.abc import Collection, Iterator
from pathlib import Path

from imid.shared.problems import InputError

STAR_COLUMN = {"no": 1, "yes": 2, "reverse": 3}
# Its rows of fragments that no gene can have.
UNASSIGNED = ["N_unmapped", "N_multimapping"]
# Fewer than the lines of a failed step that a run ends with.
DIFFERENCES_TOLD = 5


def read_star_counts(path: Path, stranded: str) -> dict[str, int]:
    """Read the gene counts that STAR makes while it aligns.

    Parameters
    ----------
    path : Path
        ReadsPerGene.out.tab.
    stranded : str
        yes, no or reverse, which chooses the column.

    Returns
    -------
    dict of str to int
        By gene id; ``N_unmapped`` and the like come first.

    Raises
    ------
    InputError
        Where the file is of another kind, or damaged.
    """
    rows = [line.split("\t") for line in path.read_text(errors="replace").splitlines()]
    if not rows or not all(len(row) == 4 and all(map(str.isdecimal, row[1:])) for row in rows):
        raise InputError(
            [
                f"{path}: not a ReadsPerGene.out.tab of STAR, which has four columns: a gene, and"
                " counts for each strandedness"
            ]
        )
    return {gene: int(row[STAR_COLUMN[stranded] - 1]) for gene, *row in rows}


def check_against_star(
    counts: dict[str, int], path: Path, stranded: str, exceptions: Collection[str] = ()
) -> str:
    """Hold a whole sample, counted by union, against STAR's gene counts.

    STAR asks for no quality: what fell under ours it gives to genes, and nothing else may differ.
    Genes that it cannot count as HTSeq does (see `star_exceptions`) are told and not judged, nor
    are the counters of fragments without a gene, to which theirs went; but all together must be
    as many fragments. A gene that its table lacks, and that has no fragment, lies on a contig
    that the genome lacks.

    Parameters
    ----------
    counts : dict of str to int
        Our counts, by feature id and counter.
    path : Path
        STAR's ReadsPerGene.out.tab, made with the same annotation.
    stranded : str
        yes, no or reverse.
    exceptions : collection of str
        The genes that STAR cannot count as HTSeq does.

    Returns
    -------
    str
        How far they agree, and where they cannot, with figures.

    Raises
    ------
    InputError
        Where they differ.
    """
    star = read_star_counts(path, stranded)
    names = {"N_noFeature": "__no_feature", "N_ambiguous": "__ambiguous"}
    star = {names.get(gene, gene): count for gene, count in star.items() if gene not in UNASSIGNED}
    rows = [*counts, *(gene for gene in star if gene not in counts)]
    rows = [row for row in rows if not row.startswith("__") or row in names.values()]
    surplus = {row: star.get(row, 0) - counts.get(row, 0) for row in rows}
    # STAR's row of a gene whose id has a blank is called by the first word.
    unlike = {*exceptions, *(gene.split()[0] for gene in exceptions)}
    unlike |= set(names.values()) if exceptions else set()
    judged = [row for row in rows if row not in unlike]
    too_low = counts["__too_low_aQual"]
    differing = [row for row in judged if surplus[row]]
    if (
        any(surplus[row] < 0 for row in judged)
        or sum(surplus[row] for row in judged) > too_low
        or not 0 <= sum(surplus.values()) <= too_low
    ):
        raise InputError(
            [
                f"{path}: our counts differ from STAR's for {len(differing)} genes or counters;"
                f" {_index_hint(counts, star)}",
                *(
                    f"{row}: {star.get(row, 0)} by STAR, {counts.get(row, 0)} by us"
                    for row in itertools.islice(differing, DIFFERENCES_TOLD)
                ),
            ]
        )
    agreed = sum(not row.startswith("__") for row in judged)
    other = [row for row in rows if row in unlike and row not in names.values() and surplus[row]]
    told = f"STAR's counts agree for {agreed} genes"
    if not other:
        return told
    by_star, by_us = (sum(table.get(row, 0) for row in other) for table in (star, counts))
    return (
        f"{told}; for {len(other)} whose transcript_id or gene_id it takes in another way than"
        f" HTSeq it has {by_star} fragments, HTSeq {by_us}: {', '.join(other[:DIFFERENCES_TOLD])}"
        + (" ..." if len(other) > DIFFERENCES_TOLD else "")
    )


def _without_counters(counts: dict[str, int]) -> Iterator[tuple[str, int]]:
    return ((gene, count) for gene, count in counts.items() if not gene.startswith("__"))


def _index_hint(counts: dict[str, int], star: dict[str, int]) -> str:
    """Say what is known of the index's annotation where counts differ."""
    unknown = len(set(star) - set(counts))
    missing = sum(count > 0 and gene not in star for gene, count in _without_counters(counts))
    if unknown or missing:
        return (
            f"the index has {unknown} genes that the annotation lacks, and lacks {missing} that"
            " have fragments: it was made with another annotation; leave reference.index out, and"
            " one is built"
        )
    return "was the index made with the same annotation?"
