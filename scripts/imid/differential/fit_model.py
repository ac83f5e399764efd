"""Fit one model to the counts of a cell line, or of several, and publish what it estimates."""

import argparse
from pathlib import Path

import pandas as pd

from imid.differential import deseq, fitting
from imid.differential.check_depth import depth_findings
from imid.differential.fitted_model import FittedModel
from imid.differential.spike_ins import too_few_spike_ins
from imid.differential.stored_model import write_model
from imid.question.spike_in_genes import are_spike_ins
from imid.shared import run_warnings
from imid.shared.problems import InputError, reported
from imid.shared.tables import GENE, read_table, write_table


def with_names(frame: pd.DataFrame, genes: pd.DataFrame) -> pd.DataFrame:
    """Put gene_id and gene_name before the columns of a table indexed by gene_id."""
    return genes[GENE].merge(frame, left_on="gene_id", right_index=True, validate="1:1")


def fit_checked(
    counts: pd.DataFrame, metadata: pd.DataFrame, spike_ins: pd.Series | None = None, **settings
) -> tuple[FittedModel, list[str]]:
    """Fit the model if all samples have counts to speak of.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    metadata : DataFrame
        The factors of the samples, in their order.
    spike_ins : Series of bool, optional
        Of all genes those that alone make samples comparable.
    **settings
        Of `fitting.fit`.

    Returns
    -------
    FittedModel
        The fitted model.
    list of str
        What should be known of it.

    Raises
    ------
    InputError
        With all samples that cannot be fitted.
    """
    failed, shallow = depth_findings(counts, metadata["cell_line"])
    if spike_ins is not None:
        failed += too_few_spike_ins(counts[spike_ins.to_numpy()])
        settings["spike_ins"] = counts.index[spike_ins]
    if failed:
        raise InputError(failed)
    with run_warnings.noted() as notes:
        fit = fitting.fit(counts, metadata, **settings)
    return fit, [*shallow, *notes]


def main(argv: list[str] | None = None) -> None:
    """Write the fitted model, its design, size factors, dispersions and transformed counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=Path, required=True, help="fragments by gene and sample")
    parser.add_argument("--metadata", type=Path, required=True, help="factors of its samples")
    parser.add_argument("--design", required=True, help="formula, such as '~ treatment'")
    parser.add_argument("--slopes", nargs="*", default=[], help="variables that stay numbers")
    parser.add_argument("--reference", required=True, help="level that others are held against")
    parser.add_argument("--inference", choices=["vectorized", "pydeseq2"], required=True)
    parser.add_argument("--spike-ins", help="expression of those that samples are compared by")
    for output in ["fit", "size-factors", "design-matrix", "normalized", "vst", "dispersions"]:
        parser.add_argument(f"--{output}", type=Path, required=True, help="to write")
    run_warnings.add_warning_options(parser)
    arguments = parser.parse_args(argv)

    matrix = read_table(arguments.counts)
    metadata = read_table(arguments.metadata, index="sample")
    fit, warnings = fit_checked(
        matrix.set_index("gene_id")[metadata.index],
        metadata,
        are_spike_ins(matrix, arguments.spike_ins) if arguments.spike_ins else None,
        design=arguments.design,
        references=arguments.reference,
        inference=arguments.inference,
        slopes=arguments.slopes,
        by="cell_line" if metadata["cell_line"].nunique() > 1 else None,
    )

    write_table(with_names(deseq.normalized(fit), matrix), arguments.normalized)
    write_table(with_names(deseq.variance_stabilized(fit), matrix), arguments.vst)
    write_table(with_names(deseq.dispersions(fit), matrix), arguments.dispersions)
    design = fit.design_matrix.loc[metadata.index].reset_index(names="sample")
    write_table(design, arguments.design_matrix)
    size_factor = fit.size_factors.rename("size_factor")
    write_table(metadata.join(size_factor).reset_index(), arguments.size_factors)
    run_warnings.write_warnings(warnings, arguments.about, arguments.warnings)
    write_model(fit, arguments.fit)


if __name__ == "__main__":
    reported(main)
