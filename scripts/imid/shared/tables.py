"""The published tables: their columns, their order, and how they are read and written."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from imid.shared.files import written
from imid.shared.problems import InputError

if TYPE_CHECKING:
    import pandas as pd

GENE = ["gene_id", "gene_name"]
GENES = [*GENE, "biotype", "length"]
# The quasi-likelihood test of any change, and of one above the threshold.
QUASI_LIKELIHOOD = ["ql_p_value", "ql_fdr", "ql_threshold_p_value", "ql_threshold_fdr"]
CONTRAST = [
    *GENE,
    "base_mean",
    "log2_fold_change",
    "lfc_se",
    "stat",
    "p_value",
    "fdr",
    "status",
    "shrunken_log2_fold_change",
    "threshold_p_value",
    "threshold_fdr",
    *QUASI_LIKELIHOOD,
]
DISPERSIONS = [*GENE, "base_mean", "gene_wise", "fitted", "map", "final"]
TARGETS = [
    *GENE,
    "contrast",
    "group",
    "acts_on",
    "expected",
    "expected_in",
    "published_log2_fold_change",
    "published_lfc_se",
    "base_mean",
    "log2_fold_change",
    "lfc_se",
    "ci_low",
    "ci_high",
    "p_value",
    "fdr",
    "status",
    "significant",
    "observed",
    "verdict",
    "verdict_reason",
    "detectable_log2_fold_change",
    "reason",
    "citation",
]
ACTIVITIES = [
    "contrast",
    "activity",
    "genes",
    "found",
    "log2_change",
    "log2_change_se",
    "ci_low",
    "ci_high",
    "freedom",
    "p_value",
    "p_value_without_one",
    "resting_on",
    "holm_p_value",
    "observed",
    "reason",
    "direction",
]
# Of each sample of a fit where it sits; `called` says which of the answers `words` explain.
SAMPLE_AGREEMENT = [
    *["sample", "group", "nearest_sample", "nearest_group"],
    *["score", "called", "words"],
]
VERDICT = ["question", "contrast", "answer", "evidence", "rule"]
# A contrast across cell lines: for each line {line}.{column}, then what they say together.
ACROSS_LINE = ["log2_fold_change", "lfc_se", "fdr", "status"]
ACROSS = [
    "lines_tested",
    "lines_significant",
    "lines_up",
    "lines_down",
    "pooled_log2_fold_change",
    "pooled_lfc_se",
    "heterogeneity_f",
    "heterogeneity_p_value",
    "heterogeneity_fdr",
]
# The test over the replicates comes first; what a ranking of genes says stands behind it.
ENRICHMENT = [
    "collection",
    "gene_set",
    "p_value",
    "fdr",
    "log2_change",
    "log2_change_se",
    "matched_by",
    "size",
    "found",
    "enrichment_score",
    "normalized_enrichment_score",
    "preranked_p_value",
    "preranked_fdr",
    "leading_edge",
    "reason",
    "direction",
]
# The running sum of a set, at each of its genes: what stands at rank r of all that are ranked.
RUNNING_SUMS = [
    "collection",
    "gene_set",
    "p_value",
    "ranked",
    "rank",
    "gene",
    "stat",
    "running_sum",
]
# The log2 fold changes of two drugs against one control, and what their difference tells.
DRUG_COMPARISON = [
    *GENE,
    "base_mean",
    "first_log2_fold_change",
    "first_lfc_se",
    "first_fdr",
    "second_log2_fold_change",
    "second_lfc_se",
    "second_fdr",
    "covariance",
    "difference",
    "difference_se",
    "difference_p_value",
    "difference_fdr",
    "concordance_fdr",
    "status",
    "class",
]
# What one program handed on, and what the next one says it got.
SAMPLE_SUMMARY = [
    "sample",
    "sequenced",
    "fragments",
    "unaligned",
    "multimapped",
    "low_quality",
    "no_feature",
    "ambiguous",
    "assigned",
    "aligned_share",
    "assigned_share",
    "strandedness",
    "cross_checks",
    "adapter_cut",
    "adapter_share",
    "adapter_seen",
    "seen_share",
    "reads_changed",
    "remarks",
]
# What was measured of each sample, in a row for each figure, and what that makes of the sample.
SAMPLE_FIGURES = ["sample", "figure", "value", "unit", "warn", "fail", "verdict", "meaning"]
SAMPLE_VERDICTS = ["sample", "verdict", "decided_by", "reason"]
# Each sample held against each other one: sites at which one of the two differs from the reference.
GENOTYPES = [
    "sample",
    "cell_line",
    "other",
    "other_cell_line",
    "sites",
    "concordance",
    "verdict",
    "shared_fragments",
]
# How high marker genes are in each sample, and in the middle of its line's other ones.
MARKERS = [
    *GENE,
    "kind",
    "sample",
    "cell_line",
    "per_million",
    "others",
    "state",
    "others_state",
    "meaning",
]
# What a step has to say of its results, and of which fit.
WARNINGS = ["about", "warning"]

# Columns that are names even where they look like numbers: a sample called 01 stays 01, and
# hours are levels of a factor.
NAMES = [
    *GENE,
    *["sample", "cell_line", "treatment", "replicate", "dose_um", "hours", "batch"],
    *["nearest_sample", "called"],
    *["contrast", "reason", "expected_in", "verdict_reason"],
    *["collection", "gene_set", "leading_edge", "gene"],
    *["activity", "resting_on", "aliases"],
    *["other", "other_cell_line"],
    *WARNINGS,
]


def read_table(path: str | Path, index: str | None = None) -> pd.DataFrame:
    """Read a published table.

    Parameters
    ----------
    path : str or Path
        A tab-separated file with a header.
    index : str, optional
        The column to use as the index.

    Returns
    -------
    DataFrame
        Names as strings; only ``NA`` is missing, but for a gene_id, which may be just that.

    Raises
    ------
    InputError
        If what is there is no table.
    """
    # pandas takes half a second to import, and half of the steps that name columns go without.
    import pandas as pd

    # A gene is never missing, and one may have the id NA: what is converted is not held against it.
    names: dict[Hashable, type[str]] = {name: str for name in NAMES if name != "gene_id"}
    try:
        frame = pd.read_csv(
            path,
            sep="\t",
            dtype=names,
            converters={"gene_id": str},
            keep_default_na=False,
            na_values=["NA"],
        )
    except ValueError as error:
        # Of what is empty, no text, or has a line of more cells than its header.
        raise InputError([f"{path}: cannot be read as a table: {error}"]) from error
    return frame if index is None else frame.set_index(index)


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table, whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        The columns in their published order; the index is not written.
    path : str or Path
        The tab-separated file to write; missing values become ``NA``.
    """
    with written(path) as temporary:
        frame.to_csv(temporary, sep="\t", index=False, na_rep="NA", float_format="%.10g")
