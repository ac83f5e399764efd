"""Say what happened to each target of the panel in each contrast of a cell line."""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from check_table import read_user_table
from check_targets import without_version
from significance import significant
from tables import TARGETS, read_table, write_table

REASONS = {
    "all_zero": "no read in any sample",
    "low_count": "too few reads to be tested",
    "outlier": "one sample is an outlier for this gene",
}


def find_genes(panel: pd.DataFrame, genes: pd.DataFrame) -> pd.Series:
    """Find the panel's genes in the annotation.

    Ids are compared without the version that GENCODE appends (``ENSG00000185811.18``); a gene
    whose id is not there is looked for by its name, if one gene alone has it.

    Parameters
    ----------
    panel : DataFrame
        The target panel.
    genes : DataFrame
        The gene table.

    Returns
    -------
    Series
        For each row of `panel` the annotation's gene_id; missing where there is none.
    """
    by_id = pd.Series(genes["gene_id"].values, index=genes["gene_id"].map(without_version))
    by_name = genes.set_index("gene_name")["gene_id"]
    by_id, by_name = (lookup[~lookup.index.duplicated(keep=False)] for lookup in (by_id, by_name))
    ids = panel["gene_id"].map(without_version)
    return ids.map(by_id).combine_first(panel["gene_name"].map(by_name))


def expectation(panel: pd.DataFrame, numerator: str, denominator: str, control: str) -> pd.Series:
    """Give what each target's mRNA is expected to do in a contrast.

    Parameters
    ----------
    panel : DataFrame
        The target panel, with a column for each drug it has an expectation for.
    numerator, denominator : str
        The levels that are contrasted.
    control : str
        The treatment that expectations are held against.

    Returns
    -------
    Series
        up, down, unchanged or unknown; all unknown where the panel says nothing of this pair.
    """
    if denominator == control and numerator in panel.columns:
        return panel[numerator]
    return pd.Series("unknown", index=panel.index)


def evaluate(
    panel: pd.DataFrame, found: pd.Series, table: pd.DataFrame, settings: dict
) -> pd.DataFrame:
    """Hold the panel against one contrast.

    Parameters
    ----------
    panel : DataFrame
        The target panel, in the order of publication.
    found : Series
        The annotation's gene_id for each row, as given by `find_genes`.
    table : DataFrame
        The contrast table.
    settings : dict
        The contrast's sidecar, and ``control``.

    Returns
    -------
    DataFrame
        One row for each target, in the columns of the targets table.
    """
    numbers = table.drop(columns=["gene_name"]).set_index("gene_id")
    rows = panel.assign(gene_id=found.fillna(panel["gene_id"]))
    rows = rows.join(numbers, on="gene_id")
    rows["contrast"] = settings["contrast"]
    rows["expected"] = expectation(
        panel, settings["numerator"], settings["denominator"], settings["control"]
    )
    rows["status"] = rows["status"].fillna("not_annotated")
    rows["reason"] = rows["status"].map(REASONS)
    rows.loc[found.isna(), "reason"] = "not in the annotation"

    chosen = significant(rows, settings["fdr"], settings["log2_fold_change"])
    rows["significant"] = np.where(chosen, "yes", "no")
    direction = np.where(rows["log2_fold_change"] > 0, "up", "down")
    tested = np.where(chosen, direction, "unchanged")
    rows["observed"] = pd.Series(tested, index=rows.index).where(rows["status"] == "tested")
    return rows[TARGETS]


def main(argv: list[str] | None = None) -> None:
    """Write one row for each target and contrast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panel", type=Path, required=True, help="target panel")
    parser.add_argument("--genes", type=Path, required=True, help="gene table")
    parser.add_argument("--contrasts", nargs="+", type=Path, required=True, help="full tables")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="in that order")
    parser.add_argument("--control", required=True, help="what expectations are held against")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    # As the check reads it: with comment lines, and blanks around a cell.
    panel = read_user_table(arguments.panel, str(arguments.panel)).rows
    found = find_genes(panel, read_table(arguments.genes))
    blocks = []
    for path, sidecar in zip(arguments.contrasts, arguments.sidecars, strict=True):
        settings = {**json.loads(sidecar.read_text()), "control": arguments.control}
        blocks.append(evaluate(panel, found, read_table(path), settings))
    write_table(pd.concat(blocks), arguments.output)


if __name__ == "__main__":
    main()
