"""Say what happened to each target of the panel in each contrast of a fit, and what it means."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from imid.differential.stored_model import read_model
from imid.evidence.agreement import Estimate, degrees_of_two_groups, error_from_p_value
from imid.evidence.detectable_effect import detectable_effects
from imid.evidence.target_verdicts import Evidence, Measured, observed, verdict
from imid.question.contrast_results import ContrastResult, read_contrast
from imid.question.contrasts import Contrast
from imid.question.panel_settings import (
    best_row,
    drug_of,
    expectation_label,
    not_comparable,
    other_control,
    setting_in_words,
    setting_of,
    with_numbers,
)
from imid.question.target_genes import GENE_CELLS, find_genes, panel_genes, without_version
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
        In the order of `panel_genes`, by its index: expected, expected_in, citation, note,
        misfits, in which ways the experiment is of another setting, other_control, the kind of its
        control where that is another, here, the experiment's setting, the published log2 fold
        change with its error and degrees of freedom, and aside, what else was published.
    """
    drug = drug_of(result, control, samples)
    setting = setting_of(samples, result) if drug else {}
    here = setting_in_words(setting, drug) if drug else ""
    chosen = []
    for _, rows in with_numbers(panel).groupby(panel["gene_id"].map(without_version), sort=False):
        row, reasons = best_row(rows, drug, setting) if drug else (rows.iloc[0], [])
        expected = row[drug] if drug else "unknown"
        known = expected != "unknown"
        chosen.append(
            {
                "expected": expected,
                "expected_in": expectation_label(row, drug) if known else None,
                "citation": row["citation"],
                "note": row["note"],
                "misfits": reasons,
                "other_control": other_control(row, setting) if known else None,
                "here": here,
                **published(row if known else None),
                "aside": asides(rows, row, drug, setting) if drug else "",
            }
        )
    return pd.DataFrame(chosen, index=panel_genes(panel).index).astype({"other_control": object})


def published(row: pd.Series | None) -> dict[str, float]:
    """Give what a row of the panel says was measured, missing where it does not say it.

    Parameters
    ----------
    row : Series or None
        With its numbers as text.

    Returns
    -------
    dict
        published_log2_fold_change, published_lfc_se and published_degrees.
    """
    change = error = np.nan
    degrees = degrees_of_two_groups(int(row["n"]) if row is not None and row["n"] else None)
    if row is not None and row["log2_fold_change"]:
        change = float(row["log2_fold_change"])
        if row["lfc_se"]:
            error = float(row["lfc_se"])
        elif row["p_value"]:
            error = error_from_p_value(change, float(row["p_value"]), degrees)
    names = ["published_log2_fold_change", "published_lfc_se", "published_degrees"]
    return dict(zip(names, [change, error, degrees], strict=True))


def asides(rows: pd.DataFrame, chosen: pd.Series, drug: str, setting: dict[str, list[str]]) -> str:
    """Tell what was measured in this setting, but against another kind of control."""
    return "; ".join(
        f"{float(row['log2_fold_change']):+.2f} in {expectation_label(row, drug)}, not comparable:"
        f" {kind} control"
        for row, kind in not_comparable(rows, drug, setting)
        if row.name != chosen.name
    )


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
    degrees: float,
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
    degrees : float
        The degrees of freedom that the design leaves to the residuals.

    Returns
    -------
    DataFrame
        One row for each target, in the columns of the targets table.
    """
    names = panel_genes(panel)[["gene_id", *GENE_CELLS]]
    rows = measurements(names, found, table)
    rows = rows.join(expectations(panel, result, samples, control))
    rows["contrast"] = result.name
    rows["detectable_log2_fold_change"] = detectable(rows, effects)

    chosen = significant(rows, result.fdr, result.log2_fold_change)
    rows["significant"] = np.where(chosen, "yes", "no")
    seen = [observed(measurement(row), result.fdr) for _, row in rows.iterrows()]
    rows["observed"] = pd.Series(seen, index=rows.index).where(rows["status"] == "tested")
    because = unexpected_because(result, drug_of(result, control, samples))
    verdicts = [judged(row, because, result.fdr, degrees) for _, row in rows.iterrows()]
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


def measurement(row: pd.Series) -> Measured:
    """Give what a row of the targets table says was measured."""
    return Measured(row["log2_fold_change"], (row["ci_low"], row["ci_high"]), row["fdr"])


def judged(row: pd.Series, because: str, fdr: float, degrees: float) -> tuple[str, str]:
    """Give the verdict on one row of the targets table, and why."""
    there = Estimate(*row[["published_log2_fold_change", "published_lfc_se", "published_degrees"]])
    evidence = Evidence(
        acts_on=row["acts_on"],
        expected=row["expected"],
        note=row["note"],
        unexpected_because=because,
        misfits=row["misfits"],
        other_control=row["other_control"],
        expected_in=row["expected_in"],
        here=row["here"],
        aside=row["aside"],
        reason=row["reason"] if row["status"] != "tested" else None,
        measured=measurement(row),
        estimate=Estimate(row["log2_fold_change"], row["lfc_se"], degrees),
        published=None if np.isnan(there.error) else there,
        detectable=row["detectable_log2_fold_change"],
    )
    return verdict(evidence, fdr)


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
    parser.add_argument("--table", type=Path, required=True)
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
    degrees = float(np.subtract(*fit.design_matrix.shape))
    blocks = []
    for path, sidecar in zip(arguments.contrasts, arguments.sidecars, strict=True):
        table, result = read_contrast(path, sidecar)
        tested = table.loc[table["status"] == "tested", "gene_id"]
        genes = resolved["found"][resolved["found"].isin(tested)].tolist()
        p_values = p_values_in_force(table, result.fdr, genes)
        effects = detectable_effects(fit, result, genes, p_values)
        found = (panel, resolved["found"], table, result, samples, effects)
        blocks.append(evaluate(*found, arguments.control, degrees))
    run_warnings.write_warnings(remarks, arguments.about, arguments.warnings)
    write_table(pd.concat(blocks), arguments.table)


if __name__ == "__main__":
    reported(main)
