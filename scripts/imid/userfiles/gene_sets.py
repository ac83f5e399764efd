"""Gene sets as users give them: GMT files, a set on each line."""

import re
from pathlib import Path

from imid.shared.problems import InputError, place
from imid.userfiles.plain_text import user_lines
from imid.userfiles.spreadsheet_traces import trace


def read_gene_sets(path: Path, name: str) -> dict[str, list[str]]:
    """Read a GMT file: name, description and genes of a set on each line, separated by tabs.

    Blank lines, empty cells at the end of a line and a gene's second mention are passed over.

    Parameters
    ----------
    path : Path
        The file, plain or gzipped.
    name : str
        What messages call it.

    Returns
    -------
    dict
        The genes of each set, by its name, in the order of the file.

    Raises
    ------
    InputError
        If it is not such a file; tells all problems.
    """
    sets: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    problems = []
    for number, line in user_lines(path, name):
        gene_set, *rest = (cell.strip() for cell in line.split("\t"))
        fault = _set_fault(gene_set, rest) or (
            f"gene set '{gene_set}' is already on line {lines[gene_set]}; name each set once"
            if gene_set in lines
            else None
        )
        if fault:
            problems.append(f"{place(name, number)}: {fault}")
        else:
            sets[gene_set] = list(dict.fromkeys(filter(None, rest[1:])))
        lines.setdefault(gene_set, number)
    if not lines:
        problems.append(f"{name}: is empty; a gene set on each line is needed")
    if problems:
        raise InputError(problems)
    return sets


def _set_fault(gene_set: str, rest: list[str]) -> str | None:
    needed = "a name, a description (or nothing) and genes are needed, separated by tabs"
    if not rest:
        return f"has no tab; {needed}"
    if not gene_set:
        return f"the gene set has no name; {needed}"
    genes = list(filter(None, rest[1:]))
    if not genes:
        return f"gene set '{gene_set}' has no genes; {needed}"
    if len(genes) == 1 and len(re.split(r"[,;| ]+", genes[0])) > 1:
        return f"gene set '{gene_set}' has its genes in one cell; {needed}"
    for gene in genes:
        if what := trace(gene):
            return (
                f"gene set '{gene_set}': '{gene}' is {what} that a spreadsheet made of a gene's"
                " name; take the file anew from its source"
            )
    return None
