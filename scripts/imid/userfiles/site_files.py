"""Sites of the genome as users give them: VCF or BED, known by its lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imid.shared.problems import InputError, place
from imid.userfiles.plain_text import user_lines

BASES = set("ACGT")
BED_HEADERS = ("#", "track", "browser")
VCF_FIRST = "##fileformat=VCF"


class Stretch(NamedTuple):
    """Bases that follow each other: counted from 0, the end not being one of them."""

    contig: str
    start: int
    end: int


def read_sites(path: Path, name: str) -> list[Stretch]:
    """Read a site file.

    Of a VCF, variants that are no exchange of one base for another are passed over.

    Parameters
    ----------
    path : Path
        The file, plain or gzipped.
    name : str
        What messages call it.

    Returns
    -------
    list of Stretch
        In the order of the file.

    Raises
    ------
    InputError
        If it is no such file, or has no site; tells all problems.
    """
    lines = user_lines(path, name)
    is_vcf = bool(lines) and lines[0][1].startswith(VCF_FIRST)
    sites: list[Stretch] = []
    problems = []
    for number, line in lines:
        if line.startswith(("#",) if is_vcf else BED_HEADERS):
            continue
        cells = line.rstrip().split("\t")
        if fault := _vcf_fault(cells) if is_vcf else _bed_fault(cells):
            problems.append(f"{place(name, number)}: {fault}")
        else:
            sites += _of_vcf(cells) if is_vcf else [Stretch(cells[0], int(cells[1]), int(cells[2]))]
    if not sites and not problems:
        what = "exchanges of one base" if is_vcf else "sites"
        problems.append(f"{name}: has no {what}; a VCF or a BED of the sites to ask is needed")
    if problems:
        raise InputError(problems)
    return sites


def _of_vcf(cells: list[str]) -> Iterator[Stretch]:
    contig, position, _, reference, others = cells[:5]
    if reference.upper() in BASES and BASES.issuperset(others.upper().split(",")):
        yield Stretch(contig, int(position) - 1, int(position))


def _vcf_fault(cells: list[str]) -> str | None:
    if len(cells) < 5:
        return "has fewer than five columns, and a VCF has at least CHROM, POS, ID, REF and ALT"
    if not cells[1].isdecimal() or int(cells[1]) < 1:
        return f"the position is '{cells[1]}', and must be a number from 1"
    return None


def _bed_fault(cells: list[str]) -> str | None:
    if len(cells) < 3:
        return (
            "has fewer than three columns, and a BED has contig, start and end, with tabs between"
        )
    start, end = cells[1:3]
    if not (start.isdecimal() and end.isdecimal()):
        return f"start and end are '{start}' and '{end}', and must be numbers"
    if int(start) >= int(end):
        return f"the end, {end}, must lie beyond the start, {start}, which a BED counts from 0"
    return None
