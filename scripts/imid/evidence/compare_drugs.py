"""Compare two drugs by their tested difference: a class for each gene, and one slope.

Both drugs are contrasted with the same control in one fit. The noise of the control is in both
fold changes, so that lists of significant genes overlap, and fold changes agree, for that alone;
the difference of the two contrasts is free of it.

Four false discovery rates decide, each over all genes that were tested for it: those of the two
drugs and of their difference (the rates of these contrasts' own tables) and that of concordance.
A gene is concordant only if three claims hold at once, that it responds to the first drug, to
the second in the same direction, and that its effects are less than the threshold apart. The
p-value of such a joint claim is the largest of the three (Berger, Technometrics 24:295 (1982)),
and it is these that are adjusted: an equivalence test of the genes that happen to be significant
in both would have been chosen by the data it tests.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from imid.differential import deseq
from imid.differential.calibrated_test import calibrated, nearer
from imid.differential.fitted_model import FittedModel
from imid.differential.stored_model import read_model
from imid.evidence.comparison_words import caption, classes_in_order, rule
from imid.evidence.drug_comparison import DrugComparison
from imid.evidence.errors_in_variables import Estimates, Slope, fit_slope
from imid.evidence.slope_by_replicates import by_replicates
from imid.inference.independent_filtering import independently_filtered
from imid.question.contrast_results import ContrastResult, read_result
from imid.question.contrasts import incomparable
from imid.shared.json_files import write_json
from imid.shared.problems import InputError, reported
from imid.shared.significance import WALD, by_deciding_test
from imid.shared.tables import DRUG_COMPARISON, GENE, read_table, write_table

# What the two have in common besides, for they are of one fit and of one configuration.
ALIKE = ["cell_line", "fdr", "log2_fold_change", "test"]
# Of what they share, what the summary tells.
SHARED = [*ALIKE, "factor", "denominator", "under"]


def check_comparable(first: ContrastResult, second: ContrastResult) -> None:
    """Make sure that two contrasts are of two drugs against the same control.

    Parameters
    ----------
    first, second : ContrastResult
        The two drugs' contrasts.

    Raises
    ------
    InputError
        They differ in more than the numerator, or not even in that.
    """
    names = f"{first.name} and {second.name} cannot be compared"
    unlike = [
        f"{key} is {first.shown(key)} in one and {second.shown(key)} in the other;"
        " it has to be the same"
        for key in ALIKE
        if getattr(first, key) != getattr(second, key)
    ]
    if reasons := [*unlike, *incomparable(first, second)]:
        raise InputError(f"{names}: {reason}" for reason in reasons)


def compared(fit: FittedModel, first: ContrastResult, second: ContrastResult) -> pd.DataFrame:
    """Test both drugs and their difference, and class the genes.

    Parameters
    ----------
    fit : FittedModel
    first, second : ContrastResult
        The two drugs' contrasts.

    Returns
    -------
    DataFrame
        The columns of a drug comparison but the gene's names, by gene. The difference, second
        minus first, is the contrast of the second drug with the first; the covariance is that
        of the errors of the two drugs' fold changes.
    """
    fdr, threshold = first.fdr, first.log2_fold_change
    direct = replace(second, denominator=first.numerator)
    x, y, difference = (asked(fit, each) for each in (first, second, direct))
    if first.test == WALD:
        near = deseq.thresholded(fit, direct, fdr, threshold, "lessAbs")["p_value"]
    else:
        near = nearer(fit, direct, threshold)
    table = effects(x, y, difference)
    table["concordance_fdr"] = independently_filtered(
        concordance_p_values(x, y, near), table["base_mean"].to_numpy(), fdr
    )
    return table.assign(**{"class": response_classes(table, first, second)})


def asked(fit: FittedModel, result: ContrastResult) -> pd.DataFrame:
    """Test a contrast for any change, by the test that decides."""
    table = deseq.contrast(fit, result, result.fdr)
    if result.test == WALD:
        return table
    return by_deciding_test(
        table.join(calibrated(fit, result, result.log2_fold_change)), result.test
    )


def effects(x: pd.DataFrame, y: pd.DataFrame, difference: pd.DataFrame) -> pd.DataFrame:
    """Put three contrast tables side by side.

    Parameters
    ----------
    x, y, difference : DataFrame
        The two drugs' contrasts, and that of the second drug with the first.

    Returns
    -------
    DataFrame
        The columns of a drug comparison up to the difference's rate, and the status.
    """
    shown = ["log2_fold_change", "lfc_se", "fdr"]
    sides = [x[["base_mean"]], x[shown].add_prefix("first_"), y[shown].add_prefix("second_")]
    return pd.concat(sides, axis=1).assign(
        # Var(y - x) = Var(x) + Var(y) - 2 Cov(x, y)
        covariance=(x["lfc_se"] ** 2 + y["lfc_se"] ** 2 - difference["lfc_se"] ** 2) / 2,
        difference=difference["log2_fold_change"],
        difference_se=difference["lfc_se"],
        difference_p_value=difference["p_value"],
        difference_fdr=difference["fdr"],
        status=common_status(x, y, difference),
    )


def concordance_p_values(x: pd.DataFrame, y: pd.DataFrame, near: pd.Series) -> np.ndarray:
    """Give each gene's p-value of responding to both drugs alike.

    Parameters
    ----------
    x, y : DataFrame
        The two drugs' contrast tables.
    near : Series
        P-values of the effects being less than the threshold apart.

    Returns
    -------
    ndarray, genes
        The largest of the three; 1 where the effects are in opposite directions.
    """
    largest = np.maximum.reduce([x["p_value"], y["p_value"], near])
    apart = x["log2_fold_change"] * y["log2_fold_change"] < 0
    return np.where(apart & ~np.isnan(largest), 1.0, largest)


def common_status(*tables: pd.DataFrame) -> np.ndarray:
    """Call a gene tested if it is in one of the contrasts: they filter low counts apart."""
    tested = np.logical_or.reduce([table["status"] == "tested" for table in tables])
    return np.where(tested, "tested", tables[0]["status"])


def response_classes(
    table: pd.DataFrame, first: ContrastResult, second: ContrastResult
) -> np.ndarray:
    """Class the genes; `comparison_words.rule` says it in words.

    Parameters
    ----------
    table : DataFrame
        A drug comparison.
    first, second : ContrastResult
        The two drugs' contrasts.

    Returns
    -------
    ndarray of str, genes
    """
    x, y = table["first_log2_fold_change"], table["second_log2_fold_change"]
    in_first, in_second, differs, alike = (
        table[f"{name}_fdr"] < first.fdr
        for name in ["first", "second", "difference", "concordance"]
    )
    second_larger = y.abs() > x.abs()
    # In the order of classes_in_order: the first that is true counts.
    decisions = {
        "not tested": table["status"] != "tested",
        "opposite": differs & in_first & in_second & (x * y < 0),
        f"stronger in {first.numerator}": differs & in_first & ~second_larger,
        f"stronger in {second.numerator}": differs & in_second & second_larger,
        "concordant": alike & ~differs,
        "no response": ~(in_first | in_second | differs),
    }
    return np.select(list(decisions.values()), list(decisions), default="unresolved")


def slope_of(table: pd.DataFrame, fdr: float) -> Slope:
    """Give the slope of the second drug's effects against the first's.

    Parameters
    ----------
    table : DataFrame
        A drug comparison.
    fdr : float
        Of responding to the drugs, by which genes are chosen.

    Returns
    -------
    Slope
    """
    genes = table[with_both(table)]
    estimates = Estimates(
        x=genes["first_log2_fold_change"].to_numpy(),
        y=genes["second_log2_fold_change"].to_numpy(),
        x_variance=genes["first_lfc_se"].to_numpy() ** 2,
        covariance=genes["covariance"].to_numpy(),
        y_variance=genes["second_lfc_se"].to_numpy() ** 2,
    )
    return fit_slope(estimates, fdr)


def with_both(table: pd.DataFrame) -> pd.Series:
    """Tell which genes of a drug comparison have an estimate of both effects."""
    # A gene left without counts once its outlier was replaced has standard errors of 0.
    errors = table[["first_lfc_se", "second_lfc_se"]]
    return (table["status"] == "tested") & (errors > 0).all(axis=1)


def summarized(
    table: pd.DataFrame,
    slope: Slope,
    first: ContrastResult,
    second: ContrastResult,
    samples: pd.DataFrame,
) -> DrugComparison:
    """Say in numbers and words what a drug comparison holds.

    Parameters
    ----------
    table : DataFrame
        A drug comparison.
    slope : Slope
        Of the second drug's effects against the first's.
    first, second : ContrastResult
        The two drugs' contrasts.
    samples : DataFrame
        The fit's samples table.

    Returns
    -------
    DrugComparison
    """
    numerators = first.numerator, second.numerator
    counts = table["class"].value_counts()
    return DrugComparison(
        first=first.name,
        second=second.name,
        numerators=numerators,
        **{key: getattr(first, key) for key in SHARED},
        classes={name: int(counts.get(name, 0)) for name in classes_in_order(*numerators)},
        slope=slope.slope,
        slope_low=slope.low,
        slope_high=slope.high,
        scatter=slope.scatter,
        genes=slope.genes,
        rule=rule(first, second),
        caption=caption(slope, first, second, samples),
        excluded=first.excluded,
    )


def main(argv: list[str] | None = None) -> None:
    """Write the comparison's table and its summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fit", type=Path, required=True, help="the fitted model")
    parser.add_argument("--counts", type=Path, required=True, help="for the genes' names")
    for place in ["first", "second"]:
        parser.add_argument(
            f"--{place}", type=Path, required=True, help=f"sidecar of the {place} drug's contrast"
        )
    parser.add_argument("--samples", type=Path, required=True, help="the fit's samples table")
    for output in ["table", "summary"]:
        parser.add_argument(f"--{output}", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    first, second = map(read_result, [arguments.first, arguments.second])
    check_comparable(first, second)
    fit = read_model(arguments.fit)
    genes = read_table(arguments.counts)[GENE]
    table = genes.join(compared(fit, first, second), on="gene_id")[DRUG_COMPARISON]
    slope = slope_of(table, first.fdr)
    genes = pd.Index(table.loc[with_both(table), "gene_id"])
    slope = by_replicates(slope, fit, first, second, genes)
    summary = summarized(table, slope, first, second, read_table(arguments.samples))

    write_table(table, arguments.table)
    write_json(summary, arguments.summary)


if __name__ == "__main__":
    reported(main)
