"""Say what happened to each target of the panel in each contrast of a fit, and what it means."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from imid.differential.stored_model import read_model
from imid.evidence.detectable_effect import detectable_effects
from imid.evidence.target_verdicts import Evidence, verdict
from imid.question.contrast_results import ContrastResult, read_contrast
from imid.question.contrasts import Contrast
from imid.question.panel_settings import best_row, drug_of, expectation_label, setting_of
from imid.question.target_genes import find_genes, panel_genes, without_version
from imid.shared import run_warnings
from imid.shared.problems import reported, warn
from imid.shared.significance import NORMAL_95, p_values_in_force, significant
from imid.shared.tables import TARGETS, read_table, write_table
from imid.userfiles.check_table import read_user_table

REASONS = {
    "all_zero": "no read in any sample",
    "low_count": "too few reads to be tested",
    "outlier": "one sample is an outlier for this gene",
    "not_estimated": "the model has no estimate for this gene",
}


def expectations(
    panel: pd.DataFrame, result: ContrastResult, samples: pd.DataFrame, control: str
) -> pd.DataFrame:
    """Choose for each target the row of the panel that a contrast is held against.

    Parameters
    ----------
    panel : DataFrame
        The target panel.
    result : ContrastResult
        What came of the contrast.
    samples : DataFrame
        The samples table of the fit.
    control : str
        The treatment that expectations are held against.

    Returns
    -------
    DataFrame
        In the order of `panel_genes`, by its index: expected, expected_in, citation, note, and
        misfits, in which ways the experiment is of another setting.
    """
    drug = drug_of(result, control, samples)
    setting = setting_of(samples, result) if drug else {}
    chosen = []
    for _, rows in panel.groupby(panel["gene_id"].map(without_version), sort=False):
        row, reasons = best_row(rows, drug, setting) if drug else (rows.iloc[0], [])
        expected = row[drug] if drug else "unknown"
        chosen.append(
            {
                "expected": expected,
                "expected_in": expectation_label(row, drug) if expected != "unknown" else None,
                "citation": row["citation"],
                "note": row["note"],
                "misfits": reasons,
            }
        )
    return pd.DataFrame(chosen, index=panel_genes(panel).index)


def measurements(targets: pd.DataFrame, found: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Look the targets up in a contrast table.

    Parameters
    ----------
    targets : DataFrame
        The panel's genes, one row each.
    found : Series
        The annotation's gene_id for each, as given by `find_genes`.
    table : DataFrame
        The contrast table.

    Returns
    -------
    DataFrame
        The targets with their numbers, the 95 % interval, a status, and the reason where that is
        not ``tested``.
    """
    numbers = table.drop(columns=["gene_name"]).set_index("gene_id")
    rows = targets.assign(gene_id=found.fillna(targets["gene_id"])).join(numbers, on="gene_id")
    rows["ci_low"] = rows["log2_fold_change"] - NORMAL_95 * rows["lfc_se"]
    rows["ci_high"] = rows["log2_fold_change"] + NORMAL_95 * rows["lfc_se"]
    rows["status"] = rows["status"].fillna("not_annotated")
    rows["reason"] = rows["status"].map(REASONS).astype(object)
    rows.loc[found.isna(), "reason"] = "not in the annotation"
    return rows


def detectable(rows: pd.DataFrame, effects: pd.DataFrame) -> pd.Series:
    """Choose the detectable effect in the direction that is expected, else the larger one.

    Parameters
    ----------
    rows : DataFrame
        gene_id and expected.
    effects : DataFrame
        ``up`` and ``down`` by gene; genes that were not tested may be absent.

    Returns
    -------
    Series
        By the index of `rows`; missing where it is not known.
    """
    known = effects.reindex(rows["gene_id"]).set_axis(rows.index)
    larger = known.max(axis=1, skipna=False)
    return larger.where(~rows["expected"].isin(["up", "down"]), known["up"]).where(
        rows["expected"] != "down", known["down"]
    )


def evaluate(
    panel: pd.DataFrame,
    found: pd.Series,
    table: pd.DataFrame,
    result: ContrastResult,
    samples: pd.DataFrame,
    effects: pd.DataFrame,
    control: str,
) -> pd.DataFrame:
    """Hold the panel against one contrast.

    Parameters
    ----------
    panel : DataFrame
        The target panel, in the order of publication.
    found : Series
        The annotation's gene_id for each of `panel_genes`, as given by `find_genes`.
    table : DataFrame
        The contrast table.
    result : ContrastResult
        What came of the contrast.
    samples : DataFrame
        The samples table of the fit.
    effects : DataFrame
        The detectable effects of the targets that were tested.
    control : str
        The treatment that expectations are held against.

    Returns
    -------
    DataFrame
        One row for each target, in the columns of the targets table.
    """
    words = ["citation", "note"]
    rows = measurements(panel_genes(panel).drop(columns=words), found, table)
    rows = rows.join(expectations(panel, result, samples, control))
    rows["contrast"] = result.name
    rows["detectable_log2_fold_change"] = detectable(rows, effects)

    chosen = significant(rows, result.fdr, result.log2_fold_change)
    rows["significant"] = np.where(chosen, "yes", "no")
    direction = np.where(rows["log2_fold_change"] > 0, "up", "down")
    tested = np.where(chosen, direction, "unchanged")
    rows["observed"] = pd.Series(tested, index=rows.index).where(rows["status"] == "tested")
    because = unexpected_because(result, drug_of(result, control, samples))
    verdicts = [judged(row, because, result) for _, row in rows.iterrows()]
    rows[["verdict", "verdict_reason"]] = pd.DataFrame(verdicts, index=rows.index)
    return rows[TARGETS]


def unexpected_because(contrast: Contrast, drug: str | None) -> str:
    """Say why nothing is expected of a contrast, which may be of a drug of the panel."""
    if drug:
        return f"the panel says nothing of this mRNA under {drug}"
    pair = f"{contrast.numerator} against {contrast.denominator}"
    between = contrast.between
    if between:
        pair = f"the effect of {pair} between {between.numerator} and {between.denominator}"
    return f"the panel says nothing of {pair}"


def judged(row: pd.Series, because: str, result: ContrastResult) -> tuple[str, str]:
    """Give the verdict on one row of the targets table, and why."""
    evidence = Evidence(
        acts_on=row["acts_on"],
        expected=row["expected"],
        note=row["note"],
        unexpected_because=because,
        misfits=row["misfits"],
        reason=row["reason"] if row["status"] != "tested" else None,
        log2_fold_change=row["log2_fold_change"],
        interval=(row["ci_low"], row["ci_high"]),
        fdr=row["fdr"],
        significant=row["significant"] == "yes",
        detectable=row["detectable_log2_fold_change"],
    )
    return verdict(evidence, result.fdr, result.log2_fold_change)


def main(argv: list[str] | None = None) -> None:
    """Write one row for each target and contrast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panel", type=Path, required=True, help="target panel")
    parser.add_argument("--genes", type=Path, required=True, help="gene table")
    parser.add_argument("--fit", type=Path, required=True, help="the fitted model")
    parser.add_argument("--samples", type=Path, required=True, help="samples table of the fit")
    parser.add_argument("--contrasts", nargs="+", type=Path, required=True, help="full tables")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="in that order")
    parser.add_argument("--control", required=True, help="what expectations are held against")
    parser.add_argument("--output", type=Path, required=True)
    run_warnings.add_warning_options(parser)
    arguments = parser.parse_args(argv)

    # As the check reads it: with comment lines, and blanks around a cell.
    panel = read_user_table(arguments.panel, str(arguments.panel)).rows
    resolved = find_genes(panel_genes(panel), read_table(arguments.genes))
    remarks = resolved["remark"].dropna().tolist()
    for remark in remarks:
        warn(remark)
    fit = read_model(arguments.fit)
    samples = read_table(arguments.samples)
    blocks = []
    for path, sidecar in zip(arguments.contrasts, arguments.sidecars, strict=True):
        table, result = read_contrast(path, sidecar)
        tested = table.loc[table["status"] == "tested", "gene_id"]
        genes = resolved["found"][resolved["found"].isin(tested)].tolist()
        p_values = p_values_in_force(table, result.fdr, genes)
        effects = detectable_effects(fit, result, genes, p_values)
        blocks.append(
            evaluate(panel, resolved["found"], table, result, samples, effects, arguments.control)
        )
    run_warnings.write_warnings(remarks, arguments.about, arguments.warnings)
    write_table(pd.concat(blocks), arguments.output)


if __name__ == "__main__":
    reported(main)
