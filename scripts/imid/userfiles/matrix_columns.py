"""Which column of a count matrix is which sample of the sheet."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

# What aligners and samtools append to a sample's name.
FILE = re.compile(r"\.(?:bam|sam|cram)$", re.I)
TAIL = re.compile(
    r"[._-]?(?:Aligned|sortedByCoord|sorted|sort|markdup|mkdup|dedup|rmdup|filtered|aligned|out|star"
    r"|hisat2?|accepted_hits)$",
    re.I,
)
RESERVED = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in"}
RESERVED |= {"TRUE", "FALSE", "NULL", "Inf", "NaN", "NA"}


def match_columns(columns: Sequence[str], samples: Sequence[str]) -> dict[str, str]:
    """Find each sample's column: by its name, else by what R or featureCounts made of it.

    A column that is a path, as featureCounts writes it, stands for the sample that its file, or
    else its folder, is called by. Where that leaves a choice nothing is taken.

    Parameters
    ----------
    columns : sequence of str
        Of the matrix, but for those of ids and names.
    samples : sequence of str
        Of the sheet.

    Returns
    -------
    dict of str to str
        The column of each sample that has one.
    """
    taken = {sample: sample for sample in samples if sample in set(columns)}
    free = [column for column in columns if column not in taken]
    lacking = [sample for sample in samples if sample not in taken]
    claims = [
        (sample, column)
        for column in free
        for sample in [_sample_of(column, lacking)]
        if sample is not None
    ]
    for sample, column in claims:
        if sum(sample == other for other, _ in claims) == 1:
            taken[sample] = column
    return {sample: taken[sample] for sample in samples if sample in taken}


def _sample_of(column: str, samples: Sequence[str]) -> str | None:
    """Name the one sample that a column can be of, by the first reading that gives any."""
    for names in _readings(column):
        of = [s for s in samples if s in names] or [s for s in samples if r_name(s) in names]
        if of:
            return of[0] if len(of) == 1 else None
    return None


def _readings(column: str) -> Iterator[set[str]]:
    """Give what a column may be called after: its file, the folders above it, or itself."""
    if not FILE.search(column):
        yield {column}
        return
    path = PurePosixPath(column.replace("\\", "/"))
    stems = _stems(FILE.sub("", path.name))
    yield stems
    yield from ({folder} for folder in reversed(path.parts[:-1]))
    # R has made dots of the path's slashes: X.scratch.bam.MM1S_1.bam.
    yield {stem[dot.end() :] for stem in stems for dot in re.finditer(r"\.", stem)}


def _stems(name: str) -> set[str]:
    """Give a file's name without one after another of the usual tails."""
    names = {name}
    while (shorter := TAIL.sub("", name)) != name and shorter:
        names.add(shorter)
        name = shorter
    return names


def r_name(name: str) -> str:
    """Give what R's ``make.names`` makes of a name: ``X1.a`` of ``1-a``."""
    made = re.sub(r"[^\w.]", ".", name)
    if not re.match(r"[^\W\d_]|\.(?!\d)", made):
        made = f"X{made}"
    return f"{made}." if made in RESERVED else made
