"""Test one contrast of a fitted model: the full table, the significant genes, and in words."""

import argparse
from pathlib import Path

import pandas as pd

from imid.differential import deseq
from imid.differential.calibrated_test import calibrated
from imid.differential.composition import composition, composition_warning
from imid.differential.fitted_model import FittedModel
from imid.differential.stored_model import read_model
from imid.differential.two_tests import advice
from imid.question.contrast_results import THRESHOLDS, ContrastResult, UpAndDown, write_result
from imid.question.contrasts import Contrast
from imid.question.design import samples_by_condition
from imid.question.samples import ExcludedSample
from imid.question.spike_in_genes import are_spike_ins
from imid.shared import run_warnings
from imid.shared.json_files import as_shape, from_json
from imid.shared.problems import reported
from imid.shared.significance import TESTS, WALD, by_deciding_test, significant
from imid.shared.tables import CONTRAST, GENE, read_table, write_table


def tested(
    fit: FittedModel, contrast: Contrast, fdr: float, log2_fold_change: float
) -> pd.DataFrame:
    """Test a contrast for any change, and for one above the threshold; shrink the estimates.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    fdr : float
        The false discovery rate that independent filtering is tuned for.
    log2_fold_change : float
        The threshold.

    Returns
    -------
    DataFrame
        The columns of a contrast table but the gene's names, by gene. The estimates beside the
        shrunken ones are those of maximum likelihood; `calibrated_test` has the last columns.
    """
    table = deseq.contrast(fit, contrast, fdr)
    above = deseq.thresholded(fit, contrast, fdr, log2_fold_change)
    return table.assign(
        shrunken_log2_fold_change=deseq.shrink(fit, contrast),
        threshold_p_value=above["p_value"],
        threshold_fdr=above["fdr"],
    ).join(calibrated(fit, contrast, log2_fold_change))


def up_and_down(table: pd.DataFrame, chosen: pd.Series) -> UpAndDown:
    """Count the genes that were chosen from a contrast table, by direction."""
    up = int((chosen & (table["log2_fold_change"] > 0)).sum())
    return UpAndDown(up=up, down=int(chosen.sum()) - up)


def by_both_tests(
    fit: FittedModel, contrast: Contrast, table: pd.DataFrame, thresholds: dict
) -> dict:
    """Count the discoveries of each test, and say which to trust with so many replicates."""
    discoveries = {
        test: int(significant(by_deciding_test(table, test), **thresholds).sum()) for test in TESTS
    }
    replicates = int(samples_by_condition(fit.factors, contrast).sum(axis=1).min())
    return {"discoveries": discoveries, "which_to_trust": advice(discoveries, replicates)}


def main(argv: list[str] | None = None) -> None:
    """Write the contrast's full table, its significant genes and the sidecar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, required=True, help="the fitted model")
    parser.add_argument("--counts", type=Path, required=True, help="for the genes' names")
    parser.add_argument("--contrast", required=True, help="as JSON, with a name")
    parser.add_argument("--excluded", default="[]", help="samples, as JSON")
    parser.add_argument("--fdr", type=float, required=True)
    parser.add_argument("--log2-fold-change", type=float, required=True)
    parser.add_argument("--test", choices=TESTS, default=WALD, help="that decides")
    parser.add_argument("--spike-ins", help="expression of those that depths are held against")
    for output in ["table", "significant", "sidecar"]:
        parser.add_argument(f"--{output}", type=Path, required=True, help="to write")
    run_warnings.add_warning_options(parser)
    arguments = parser.parse_args(argv)

    # What it knows nothing of would be left out of the answer.
    asked = from_json(arguments.contrast, dict, "--contrast")
    contrast = as_shape(asked, Contrast, "--contrast", known_only=True)
    excluded = from_json(arguments.excluded, list[ExcludedSample], "--excluded")
    fit = read_model(arguments.fit)
    thresholds = {name: getattr(arguments, name) for name in THRESHOLDS}
    genes = read_table(arguments.counts)[GENE]
    table = genes.join(tested(fit, contrast, **thresholds), on="gene_id")[CONTRAST]
    answer = by_deciding_test(table, arguments.test)
    chosen = significant(answer, **thresholds)
    pattern = arguments.spike_ins
    spike_ins = genes.loc[are_spike_ins(genes, pattern), "gene_id"] if pattern else []
    found = composition(fit, contrast, answer, arguments.fdr, spike_ins)
    warning = composition_warning(contrast.name, fit, found)
    result = ContrastResult(
        **vars(contrast),
        **thresholds,
        **by_both_tests(fit, contrast, table, thresholds),
        test=arguments.test,
        composition=found.known,
        cell_line=" and ".join(fit.factors.loc[fit.sample_order, "cell_line"].unique()),
        coefficients=deseq.coefficients(fit, contrast).to_dict(),
        excluded=excluded,
        genes={status: int(n) for status, n in answer["status"].value_counts().items()},
        significant=up_and_down(answer, chosen),
    )

    write_table(table, arguments.table)
    order = answer[chosen].sort_values("p_value").index
    write_table(table.loc[order], arguments.significant)
    run_warnings.write_warnings([warning] if warning else [], arguments.about, arguments.warnings)
    write_result(result, arguments.sidecar)


if __name__ == "__main__":
    reported(main)
