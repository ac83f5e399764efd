"""The count matrix that a run starts from, held against the sample sheet and the annotation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from imid.differential.check_depth import depth_findings
from imid.differential.match_genes import annotation_findings
from imid.inputs.check_reference import Annotation
from imid.inputs.check_samples import one_row_per_sample
from imid.question.target_genes import without_version
from imid.shared.problems import did_you_mean, place
from imid.userfiles.check_table import UserTable
from imid.userfiles.count_matrix import (
    GENE_ID,
    GENE_NAME,
    NUMBER,
    counts_of,
    gene_names,
    numeric,
    read_matrix,
    some,
)
from imid.userfiles.matrix_columns import match_columns, r_name
from imid.userfiles.matrix_rows import Rows, gene_rows
from imid.userfiles.matrix_units import unit_findings
from imid.userfiles.spreadsheet_traces import traces

# The largest count that R's DESeq2 takes, and far more than a library has of a gene.
LARGEST = 2**31 - 1
FEWEST_GENES = 10
# What is wrong with a cell that people see as a number.
HINTS = [
    (re.compile(r"-\d.*"), "; logarithms and z-scores are no counts"),
    (
        re.compile(r"\d+(,\d+)+(\.\d*)?|\d{1,3}([.' \u202f\xa0]\d{3})+"),
        "; write it without separators of thousands, and fractions with a point",
    ),
    (re.compile(r"0x[0-9a-f]+", re.I), "; write it in decimal digits"),
    (re.compile(r"NA|NaN|null|none|#N/A|-|", re.I), "; a gene without a read has 0"),
]
# R writes 1e+05 in full; 1.23E+05 is what a spreadsheet shows of six digits.
SHORTENED = re.compile(r"\d\.(\d+)E\+?(\d+)")
# Germany's thousands: 1.234 is no fraction where nothing without a point is as large.
THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
FEWEST_THOUSANDS = 5
LONGEST_SHOWN = 40
MISSING_IDS = ["NA", "N/A", "n/a", "NaN", "nan", "None", "null", "NULL", "-", "."]
ANEW = "make the table anew from its source"


def counts_findings(
    path: Path, name: str, sheet: UserTable, annotation: Annotation | None = None
) -> tuple[list[str], list[str], dict[str, str]]:
    """Find what is wrong with a count matrix, and what should be known of it.

    Parameters
    ----------
    path : Path
        The matrix.
    name : str
        What messages call it.
    sheet : UserTable
        The samples it is to have.
    annotation : Annotation, optional
        That is to name its genes.

    Returns
    -------
    tuple of list of str, list of str and dict of str to str
        Problems, warnings, and the gene names by id.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    lines = one_row_per_sample(sheet.rows).set_index("sample")["cell_line"]
    samples = list(lines.index)
    matrix = read_matrix(path, name)
    problems, warnings = matrix_findings(matrix, name, samples)
    if problems:
        return problems, [], {}
    failed, shallow = depth_findings(counts_of(matrix, samples), lines)
    problems, warnings = [f"{name}: {problem}" for problem in failed], [*warnings, *shallow]
    names = dict(zip(matrix[GENE_ID], gene_names(matrix), strict=True))
    if annotation:
        seen = (annotation.genes, annotation.source, annotation.complete)
        found = annotation_findings(list(names), name, *seen)
        problems, warnings = problems + found[0], warnings + found[1]
        annotated = {without_version(gene): text for gene, text in annotation.genes.items()}
        names = {gene: annotated.get(without_version(gene), names[gene]) for gene in names}
    return problems, warnings, names


def matrix_findings(
    matrix: pd.DataFrame, name: str, samples: list[str]
) -> tuple[list[str], list[str]]:
    """Find what is wrong in a count matrix, and what should be known of it.

    Parameters
    ----------
    matrix : DataFrame
        As given by `read_matrix`.
    name : str
        What messages call it.
    samples : list of str
        The samples it must have.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    if problems := [*_repeated_columns(matrix, name), *_reserved_columns(name, samples)]:
        return problems, []
    numbers = numeric(matrix)
    taken = match_columns(list(numbers.columns), samples)
    problems = some(list(_absent_samples(matrix, name, samples, taken)))
    rows = gene_rows(matrix[GENE_ID], numbers)
    genes = matrix[rows.kept]
    problems += some(list(_id_problems(genes, name)))
    problems += some(list(_spreadsheet_problems(genes, name)))
    problems += [f"{place(name, line, GENE_ID)}: {why}" for line, why in rows.unclear.items()]
    columns = genes[list(taken.values())]
    problems += some([p for column in columns for p in _cell_problems(columns[column], name)])
    if problems:
        return problems, []
    values = numbers.loc[genes.index, list(taken.values())].set_axis(list(taken), axis=1)
    if problems := [*_too_few(values, name), *_thousands(columns, name)]:
        return problems, []
    problems, warnings = unit_findings(values, name)
    told = [
        *_taken_columns(name, taken),
        *_rows_left_out(matrix, name, rows),
        *_missing_ids(genes, name),
    ]
    return some(problems), told + warnings


def _repeated_columns(matrix: pd.DataFrame, name: str) -> Iterator[str]:
    for column in matrix.columns[matrix.columns.duplicated()].unique():
        yield f"{name}: column '{column}' is there twice"


def _reserved_columns(name: str, samples: list[str]) -> Iterator[str]:
    for sample in samples:
        if sample in [GENE_ID, GENE_NAME]:
            yield f"{name}: a sample cannot be called {sample}, as the column of genes is"


def _absent_samples(
    matrix: pd.DataFrame, name: str, samples: list[str], taken: dict[str, str]
) -> Iterator[str]:
    absent = [sample for sample in samples if sample not in taken]
    others = matrix.columns.difference([GENE_ID, GENE_NAME, *taken.values()], sort=False)
    if len(set(absent) & set(matrix[GENE_ID])) > 1:
        yield (
            f"{name}: has samples in rows ({absent[0]} is one); genes are needed there, transpose"
            " it"
        )
        return
    for sample in absent:
        claimed = [other for other in others if r_name(other) == r_name(sample)]
        claimed = claimed or [other for other in others if f"{sample}." in f"{other}."]
        hint = did_you_mean(sample, others)
        if claimed and not hint:
            hint = f"; {' and '.join(claimed[:2])} could be it: call its column as the sheet does"
        if not hint and sample == absent[0]:
            hint = f"; its columns are {', '.join(list(matrix.columns)[:6])} ..."
        yield f"{name}: has no column '{sample}', which is a sample of the sheet{hint}"


def _id_problems(genes: pd.DataFrame, name: str) -> Iterator[str]:
    ids = genes[GENE_ID]
    for line in ids.index[ids == ""]:
        yield f"{place(name, line, GENE_ID)}: is empty"
    plain = ids.map(without_version)
    first: dict[str, str] = {}
    for line, gene in ids[(ids != "") & plain.duplicated(keep=False)].items():
        known = first.setdefault(without_version(gene), gene)
        if known is not gene and known != gene:
            yield (
                f"{place(name, line, GENE_ID)}: '{gene}' is the gene '{known}' in another"
                " version; take one annotation for all rows"
            )
    by_date = {line for line, _, _ in traces(ids)}
    for line, gene in ids[ids.duplicated() & (ids != "")].items():
        if line not in by_date:
            yield f"{place(name, line, GENE_ID)}: '{gene}' is there twice; sum the rows of a gene"
    if _numbers_rows(ids):
        yield f"{name}: its first column numbers the rows; ids of genes are needed there"


def _numbers_rows(ids: pd.Series) -> bool:
    """Tell the numbers that R and pandas give rows from ids such as Entrez's."""
    return len(ids) >= FEWEST_GENES and any(
        list(ids) == [str(n) for n in range(first, first + len(ids))] for first in [0, 1]
    )


def _spreadsheet_problems(genes: pd.DataFrame, name: str) -> Iterator[str]:
    for column in genes.columns.intersection([GENE_ID, GENE_NAME]):
        for line, cell, what in traces(genes[column]):
            yield (
                f"{place(name, line, column)}: '{cell}' is {what} that a spreadsheet made of a"
                " gene's name; make the table anew from its source, without a spreadsheet"
            )


def _cell_problems(cells: pd.Series, name: str) -> Iterator[str]:
    faults = {text: _number_fault(text) for text in cells.unique()}
    if any(faults.values()):
        for line, text in cells.items():
            if faults[text]:
                yield f"{place(name, line, cells.name)}: {faults[text]}"


def _number_fault(text: str) -> str | None:
    if NUMBER.fullmatch(text):
        shortened = SHORTENED.fullmatch(text)
        if not float(text) <= LARGEST:
            return f"'{text[:LONGEST_SHOWN]}' is more than a gene's count can be ({LARGEST:,})"
        if shortened and len(shortened[1]) < int(shortened[2]):
            return f"'{text}' lacks its last digits, which a spreadsheet took; {ANEW}"
        return None
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    hint = next((hint for pattern, hint in HINTS if pattern.fullmatch(text)), "")
    return f"'{text}' is no count, which is a number of at least 0{hint}"


def _too_few(values: pd.DataFrame, name: str) -> Iterator[str]:
    if len(values) < FEWEST_GENES:
        number = "one gene" if len(values) == 1 else f"{len(values)} genes"
        yield (
            f"{name}: has {number}; how much replicates scatter is learnt from many, at least"
            f" {FEWEST_GENES}"
        )


def _thousands(columns: pd.DataFrame, name: str) -> Iterator[str]:
    texts = pd.unique(columns.to_numpy().ravel())
    pointed = [text for text in texts if "." in text]
    large = [text for text in texts if "." not in text and float(text) >= 1000]
    if len(pointed) >= FEWEST_THOUSANDS and not large and all(map(THOUSANDS.fullmatch, pointed)):
        yield (
            f"{name}: numbers such as {pointed[0]} seem to have points for thousands, for none"
            " without a point reaches 1000; write them without"
        )


def _taken_columns(name: str, taken: dict[str, str]) -> Iterator[str]:
    other = [f"{column} for {sample}" for sample, column in taken.items() if column != sample]
    if other:
        yield f"{name}: these columns are taken for samples of the sheet: {', '.join(other)}"


def _rows_left_out(matrix: pd.DataFrame, name: str, rows: Rows) -> Iterator[str]:
    if rows.counters:
        yield f"{name}: rows that are no genes are left out: {', '.join(rows.counters)}"
    for line in rows.totals:
        yield (
            f"{place(name, line)}: '{matrix.loc[line, GENE_ID]}' is the sum of the other rows, and"
            " is left out"
        )


def _missing_ids(genes: pd.DataFrame, name: str) -> Iterator[str]:
    missing = genes[GENE_ID][genes[GENE_ID].isin(MISSING_IDS)]
    for line, gene in missing.items():
        yield (
            f"{place(name, line, GENE_ID)}: a gene is called '{gene}', as programs write what is"
            " missing; it is taken as its id"
        )
