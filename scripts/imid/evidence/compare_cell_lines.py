"""Compare one contrast across cell lines: where it holds, and whether the lines differ.

Each line has a fit of its own, so that its estimates are independent of the other lines' and are
pooled. Whether they differ is asked in one model of all lines, see `heterogeneity`.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from imid.differential.stored_model import read_model
from imid.evidence.heterogeneity import COLUMNS, heterogeneity
from imid.question.contrast_results import THRESHOLDS, ContrastResult, read_result
from imid.question.contrasts import KEYS
from imid.shared.problems import InputError, reported
from imid.shared.significance import benjamini_hochberg, by_deciding_test, significant
from imid.shared.tables import ACROSS, ACROSS_LINE, GENE, read_table, write_table

# What must be the same in all lines, besides the thresholds.
QUESTION = ["name", *KEYS, "test"]


def comparison_problems(results: dict[str, ContrastResult], contrast: str) -> list[str]:
    """Find what keeps tables from being compared.

    Parameters
    ----------
    results : dict
        What came of the contrast in each line, by the name of its file.
    contrast : str
        The contrast that they are to be of.

    Returns
    -------
    list of str
        The problems.
    """
    if len(results) < 2:
        return [f"contrast {contrast}: at least two cell lines are needed to compare it across"]
    reference = replace(next(iter(results.values())), name=contrast)
    problems: list[str] = []
    lines: dict[str, str] = {}
    for name, result in results.items():
        problems += [
            f"{name}: {key} is {result.shown(key)}, but {reference.shown(key)} is compared;"
            " run all cell lines with the same settings"
            for key in [*QUESTION, *THRESHOLDS]
            if getattr(result, key) != getattr(reference, key)
        ]
        line = result.cell_line
        if line in lines:
            problems.append(f"{name}: is of cell line {line}, as is {lines[line]}; name it once")
        lines.setdefault(line, name)
    return problems


def estimated(table: pd.DataFrame) -> pd.Series:
    """Tell of which genes a line has an estimate to be weighed against other lines'.

    Not of outliers, which one sample decides, nor of genes without a read in both groups, whose
    log2 fold change is set to exactly 0. Genes with few reads have theirs, and it weighs little.

    Parameters
    ----------
    table : DataFrame
        A contrast table.

    Returns
    -------
    Series of bool
    """
    return table["p_value"].notna() & (table["lfc_se"] > 0) & (table["log2_fold_change"] != 0)


def pooled(changes: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    r"""Pool independent estimates.

    With weights :math:`w_j = 1/s_j^2`, the pooled estimate is
    :math:`\bar\beta = \sum w_j \beta_j / \sum w_j`, its standard error
    :math:`1/\sqrt{\sum w_j}`.

    Parameters
    ----------
    changes, errors : DataFrame
        Log2 fold changes and their standard errors, genes × lines; missing where there is no
        estimate.

    Returns
    -------
    DataFrame
    """
    weights = 1 / errors**2
    total = weights.sum(axis=1, min_count=1)
    mean = (weights * changes).sum(axis=1) / total
    return pd.DataFrame({"pooled_log2_fold_change": mean, "pooled_lfc_se": total**-0.5})


def compare(
    tables: dict[str, pd.DataFrame], differing: pd.DataFrame, fdr: float, log2_fold_change: float
) -> pd.DataFrame:
    """Put a contrast's tables of several lines side by side, and say what they have in common.

    Parameters
    ----------
    tables : dict
        The contrast table of each line, by its name.
    differing : DataFrame
        As `heterogeneity.heterogeneity` gives it.
    fdr, log2_fold_change : float
        The thresholds of significance.

    Returns
    -------
    DataFrame
        All genes of all lines: names, ``{line}.{column}`` for the columns of `ACROSS_LINE`, and
        the columns of `ACROSS`. The false discovery rate of heterogeneity is Benjamini and
        Hochberg's over the genes that have enough reads in at least two lines.
    """
    names = pd.concat([table[GENE] for table in tables.values()]).drop_duplicates("gene_id")
    names = names.set_index("gene_id")
    tables = {
        line: table.set_index("gene_id").reindex(names.index) for line, table in tables.items()
    }
    known = {line: table[estimated(table)].reindex(names.index) for line, table in tables.items()}
    chosen = {line: significant(table, fdr, log2_fold_change) for line, table in tables.items()}
    chosen = pd.DataFrame(chosen)
    up = _column(tables, "log2_fold_change") > 0

    rows = names.assign(
        **{
            f"{line}.{column}": table[column]
            for line, table in tables.items()
            for column in ACROSS_LINE
        },
        lines_tested=(_column(tables, "status") == "tested").sum(axis=1),
        lines_significant=chosen.sum(axis=1),
        lines_up=(chosen & up).sum(axis=1),
        lines_down=(chosen & ~up).sum(axis=1),
    )
    rows = rows.join(pooled(_column(known, "log2_fold_change"), _column(known, "lfc_se")))
    rows = rows.join(differing[COLUMNS])
    rows["heterogeneity_fdr"] = benjamini_hochberg(rows["heterogeneity_p_value"].to_numpy())
    return _with_line_status(rows.reset_index(), tables)[[*GENE, *_line_columns(tables), *ACROSS]]


def _column(tables: dict[str, pd.DataFrame], column: str) -> pd.DataFrame:
    return pd.DataFrame({line: table[column] for line, table in tables.items()})


def _line_columns(lines: Iterable[str]) -> list[str]:
    return [f"{line}.{column}" for line in lines for column in ACROSS_LINE]


def _with_line_status(rows: pd.DataFrame, lines: Iterable[str]) -> pd.DataFrame:
    return rows.fillna({f"{line}.status": "not_annotated" for line in lines})


def panel_rows(
    targets: Sequence[pd.DataFrame], genes: pd.DataFrame, lines: Sequence[str]
) -> pd.DataFrame:
    """Take the panel's targets out of a comparison.

    Parameters
    ----------
    targets : sequence of DataFrame
        The targets tables of the lines; several rows of one gene count as one, the first.
    genes : DataFrame
        As given by `compare`.
    lines : sequence of str
        The lines' names.

    Returns
    -------
    DataFrame
        A row for each target, in the panel's order, with its group after its name. Those that
        no line has are there, as not annotated.
    """
    panel = pd.concat(targets)[[*GENE, "group"]].drop_duplicates("gene_id")
    rows = panel.merge(genes.drop(columns="gene_name"), on="gene_id", how="left")
    counts = [column for column in ACROSS if column.startswith("lines_")]
    return (
        _with_line_status(rows, lines)
        .fillna(dict.fromkeys(counts, 0))
        .astype(dict.fromkeys(counts, int))
    )


def main(argv: list[str] | None = None) -> None:
    """Write a contrast across cell lines, for all genes and for the targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contrast", required=True, help="its name")
    parser.add_argument("--tables", nargs="+", type=Path, required=True, help="one of each line")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="in that order")
    parser.add_argument("--fits", nargs="+", type=Path, required=True, help="in that order")
    parser.add_argument("--targets", nargs="+", type=Path, required=True, help="targets tables")
    parser.add_argument("--genes", type=Path, required=True, help="to write: all genes")
    parser.add_argument("--targets-output", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    results = {str(path): read_result(path) for path in arguments.sidecars}
    problems = comparison_problems(results, arguments.contrast)
    if problems:
        raise InputError(problems)
    tables = {
        result.cell_line: by_deciding_test(read_table(path), result.test)
        for result, path in zip(results.values(), arguments.tables, strict=True)
    }
    fits = dict(zip(tables, map(read_model, arguments.fits), strict=True))
    first = next(iter(results.values()))
    genes = compare(tables, heterogeneity(fits, first), **first.thresholds)
    targets = [read_table(path) for path in arguments.targets]
    write_table(genes, arguments.genes)
    write_table(panel_rows(targets, genes, list(tables)), arguments.targets_output)


if __name__ == "__main__":
    reported(main)
