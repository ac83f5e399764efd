"""Export a fit: the fitted object (.h5ad), and its tables in one spreadsheet (.xlsx)."""

import argparse
from pathlib import Path

import pandas as pd

from imid.differential.fitted_object import fitted_object, write_object
from imid.differential.stored_model import read_model
from imid.question.contrast_results import ContrastResult, read_result
from imid.report.workbook import sheet_names, write_workbook
from imid.shared.problems import reported
from imid.shared.significance import TESTS, WALD
from imid.shared.tables import GENE, read_table


def about(results: list[ContrastResult], sheets: list[list]) -> list[list]:
    """Say in plain rows what the spreadsheet holds.

    Parameters
    ----------
    results : list of ContrastResult
        Of all contrasts.
    sheets : list of list
        A row for each sheet: name, what it holds, and of a contrast the direction and how many
        genes are significant.

    Returns
    -------
    list of list
        Rows.
    """
    first = results[0]
    rate = "fdr" if first.test == WALD else "ql_fdr"
    rule = (
        f"{rate} below {first.fdr:g} and |log2_fold_change| above"
        f" {first.log2_fold_change:g}, by {TESTS[first.test]}"
    )
    excluded = [f"{left.sample}: {left.reason}" for left in first.excluded]
    return [
        ["cell line", first.cell_line],
        ["significant", rule],
        ["samples left out", *(excluded or ["none"])],
        ["empty cell", "no number; the columns status and reason say why"],
        [],
        ["sheet", "what it holds", "log2_fold_change", "significantly up", "significantly down"],
        *sheets,
    ]


def gather_sheets(
    targets: pd.DataFrame,
    verdict: pd.DataFrame | None,
    activities: pd.DataFrame | None,
    contrasts: list[tuple[pd.DataFrame, ContrastResult]],
    samples: pd.DataFrame,
) -> dict[str, pd.DataFrame | list[list]]:
    """Put the tables of a fit in the order of the spreadsheet.

    Parameters
    ----------
    targets : DataFrame
        The targets table.
    verdict : DataFrame or None
        The verdict table, if there is one.
    activities : DataFrame or None
        The activities table, if there is one.
    contrasts : list of (DataFrame, ContrastResult)
        Contrast tables with what came of them.
    samples : DataFrame
        Samples table.

    Returns
    -------
    dict
        Sheets by name, as `write_workbook` takes them.
    """
    tables = [("targets", targets, ["what happened to each target in each contrast"])]
    if verdict is not None:
        words = "the experiment as a whole: a heuristic, with its rules"
        tables.append(("verdict", verdict, [words]))
    if activities is not None:
        tables.append(("activities", activities, ["scores of named gene sets, tested"]))
    for table, result in contrasts:
        words = [f"contrast {result.name}, all genes", result.direction]
        counts = [result.significant.up, result.significant.down]
        tables.append((result.name, table, [*words, *counts]))
    tables.append(("samples", samples, ["the samples that were fitted, and their size factors"]))

    first, *names = sheet_names(["about", *(wanted for wanted, _, _ in tables)])
    listed = [[name, *words] for name, (_, _, words) in zip(names, tables, strict=True)]
    sheets = {first: about([result for _, result in contrasts], listed)}
    return sheets | {name: table for name, (_, table, _) in zip(names, tables, strict=True)}


def main(argv: list[str] | None = None) -> None:
    """Write the fitted object and the spreadsheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, required=True, help="the fitted model")
    parser.add_argument("--counts", type=Path, required=True, help="for the genes' names")
    parser.add_argument("--samples", type=Path, required=True, help="samples table")
    parser.add_argument("--targets", type=Path, required=True, help="targets table")
    parser.add_argument("--verdict", type=Path, help="verdict table, if there is one")
    parser.add_argument("--activities", type=Path, help="activities table, if there is one")
    parser.add_argument("--contrasts", nargs="+", type=Path, required=True, help="full tables")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="in that order")
    parser.add_argument("--h5ad", type=Path, required=True, help="to write")
    parser.add_argument("--xlsx", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    fit = read_model(arguments.fit)
    genes, samples = read_table(arguments.counts)[GENE], read_table(arguments.samples)
    # As they are published, whichever test decides.
    contrasts = [
        (read_table(table), read_result(sidecar))
        for table, sidecar in zip(arguments.contrasts, arguments.sidecars, strict=True)
    ]
    verdict, activities = (
        read_table(path) if path else None for path in [arguments.verdict, arguments.activities]
    )
    write_object(fitted_object(fit, genes, samples, contrasts), arguments.h5ad)
    sheets = gather_sheets(read_table(arguments.targets), verdict, activities, contrasts, samples)
    write_workbook(sheets, arguments.xlsx)


if __name__ == "__main__":
    reported(main)
