"""Which genes tell of which activity, as an annotation knows them, and with which weights."""

from typing import NamedTuple

import pandas as pd

from imid.evidence.activities import INTERFERON, NAMES, PANEL_GROUP
from imid.question.target_genes import find_genes, panel_genes
from imid.shared.paths import resource
from imid.shared.tables import read_table

ACTIVITIES = resource("resources/activities.tsv")
# So many genes of a set, and such a share of them, must be expressed, at a mean of so many reads.
FEWEST, SMALLEST_SHARE = 3, 0.2
EXPRESSED_READS = 10.0


class ActivitySet(NamedTuple):
    """What an activity is read off.

    Attributes
    ----------
    weights : Series
        Of the genes that are expressed, by the annotation's gene_id; negative where a gene falls
        as the activity rises.
    genes : int
        How many the set has.
    reason : str or None
        Why it cannot be measured.
    """

    weights: pd.Series
    genes: int
    reason: str | None


def activity_sets(genes: pd.DataFrame, panel: pd.DataFrame) -> dict[str, ActivitySet]:
    """Find the genes of all activities.

    Genes are found by id, else by symbol, else by an alias, as those of the target panel are.

    Parameters
    ----------
    genes : DataFrame
        gene_id, gene_name and base_mean of all annotated genes.
    panel : DataFrame
        The target panel.

    Returns
    -------
    dict of str to ActivitySet
        By the keys of `NAMES`.
    """
    table = read_table(ACTIVITIES)
    sets = dict(list(table.groupby("activity", sort=False)))
    sets[INTERFERON] = of_panel(panel, sets[INTERFERON])
    expressed = set(genes.loc[genes["base_mean"] >= EXPRESSED_READS, "gene_id"])
    return {name: _found(sets[name], genes, expressed) for name in NAMES}


def of_panel(panel: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Take the panel's interferon genes, so that a user's panel says which they are.

    Parameters
    ----------
    panel : DataFrame
        The target panel.
    weights : DataFrame
        gene_id, gene_name and weight of genes that answer to interferon.

    Returns
    -------
    DataFrame
        gene_id, gene_name, aliases and weight of the panel's; of one that is not among `weights`,
        it is the mean of those that are, or 1.
    """
    targets = panel_genes(panel)
    chosen = targets[targets["group"] == PANEL_GROUP][["gene_id", "gene_name", "aliases"]]
    known = weights.drop_duplicates("gene_name").set_index("gene_name")["weight"]
    own = chosen["gene_name"].map(known)
    return chosen.assign(weight=own.fillna(own.mean()).fillna(1.0))


def _found(members: pd.DataFrame, genes: pd.DataFrame, expressed: set[str]) -> ActivitySet:
    found = find_genes(members.reset_index(drop=True), genes)["found"]
    weights = pd.Series(members["weight"].to_numpy(float), index=found.to_numpy())
    weights = weights[weights.index.isin(expressed)]
    weights = weights[~weights.index.duplicated()]
    fewest = max(FEWEST, SMALLEST_SHARE * len(members))
    reason = None
    if members.empty:
        reason = f"the panel has no genes of the group {PANEL_GROUP}"
    elif len(weights) < fewest:
        reason = f"{len(weights)} of its {len(members)} genes are expressed, too few to tell"
    return ActivitySet(weights, len(members), reason)
