"""Which activities changed: a score for each sample of eight named sets, tested over replicates.

Each activity is asked in each contrast. The p-value is that of a t-test of the scores (see
`set_scores`; eight are too few to moderate, see `moderated_t`), whichever one gene is left out: no
single gene carries the answer. Holm's adjustment is over the activities of a contrast.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from imid.evidence.activity_sets import ActivitySet, activity_sets
from imid.evidence.set_scores import (
    Replicates,
    Scored,
    holm,
    p_values_without_one_gene,
    read_replicates,
    score_samples,
    set_changes,
)
from imid.question.contrast_results import ContrastResult, read_result
from imid.shared.gene_labels import gene_labels
from imid.shared.problems import reported
from imid.shared.tables import ACTIVITIES, GENE, read_table, write_table
from imid.userfiles.check_table import read_user_table

LEVEL = 0.05
NOT_SHOWN = "not shown"


def activity_changes(
    replicates: Replicates,
    activities: Mapping[str, ActivitySet],
    scored: Scored,
    contrast: np.ndarray,
    labels: pd.Series,
) -> pd.DataFrame:
    """Test all activities in a contrast.

    Parameters
    ----------
    replicates : Replicates
    activities : mapping of str to ActivitySet
    scored : Scored
        Of those that can be measured.
    contrast : ndarray, coefficients
    labels : Series
        What genes are called, by gene_id.

    Returns
    -------
    DataFrame
        The columns of the activities table but contrast and direction, a row for each activity.
    """
    rows = set_changes(scored, contrast)
    reach = stdtrit(rows["freedom"], 0.975) * rows["log2_change_se"]
    without = {
        name: p_values_without_one_gene(
            replicates, activities[name].weights, contrast, scored.prior
        )
        for name in rows.index
    }
    rows = rows.assign(
        ci_low=rows["log2_change"] - reach,
        ci_high=rows["log2_change"] + reach,
        p_value_without_one=[without[name].max() for name in rows.index],
        resting_on=[labels[without[name].idxmax()] for name in rows.index],
    )
    rows["holm_p_value"] = holm(rows["p_value_without_one"])
    table = pd.DataFrame(
        {
            "genes": {name: each.genes for name, each in activities.items()},
            "found": {name: len(each.weights) for name, each in activities.items()},
            "reason": {name: each.reason for name, each in activities.items()},
        }
    ).join(rows)
    way = np.where(table["log2_change"] > 0, "up", "down")
    table["observed"] = np.where(table["holm_p_value"] < LEVEL, way, NOT_SHOWN)
    table["observed"] = table["observed"].where(table["reason"].isna(), "not measurable")
    return table.rename_axis("activity").reset_index()


def score_activities(
    vst: pd.DataFrame,
    base_means: pd.Series,
    replicates: Replicates,
    results: list[ContrastResult],
    panel: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test all activities in all contrasts of a fit.

    Parameters
    ----------
    vst : DataFrame
        The table of transformed counts, for the genes' names.
    base_means : Series
        Mean normalized count of each gene, by gene_id.
    replicates : Replicates
    results : list of ContrastResult
        The contrasts.
    panel : DataFrame
        The target panel.

    Returns
    -------
    DataFrame
        The activities table.
    DataFrame
        The score of each sample: activity, and a column for each sample.
    """
    genes = vst[GENE].assign(base_mean=vst["gene_id"].map(base_means))
    labels = gene_labels(vst).set_axis(vst["gene_id"])
    activities = activity_sets(genes, panel)
    measured = {name: each.weights for name, each in activities.items() if not each.reason}
    scored = score_samples(replicates, measured)
    blocks = [
        activity_changes(
            replicates, activities, scored, replicates.contrast(result), labels
        ).assign(contrast=result.name, direction=result.direction)
        for result in results
    ]
    scores = scored.scores.T.rename_axis("activity").reset_index()
    return pd.concat(blocks)[ACTIVITIES], scores


def main(argv: list[str] | None = None) -> None:
    """Write the activities table, and the scores of the samples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vst", type=Path, required=True, help="transformed counts")
    parser.add_argument("--dispersions", type=Path, required=True, help="for the genes' means")
    parser.add_argument("--design", type=Path, required=True, help="the design matrix")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="of all contrasts")
    parser.add_argument("--panel", type=Path, required=True, help="target panel")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="to write: of each sample")
    arguments = parser.parse_args(argv)

    vst = read_table(arguments.vst)
    table, scores = score_activities(
        vst,
        read_table(arguments.dispersions, index="gene_id")["base_mean"],
        read_replicates(vst, arguments.design),
        [*map(read_result, arguments.sidecars)],
        read_user_table(arguments.panel, str(arguments.panel)).rows,
    )
    write_table(table, arguments.table)
    write_table(scores, arguments.scores)


if __name__ == "__main__":
    reported(main)
