"""Claims: how often sets of genes seem to change where nothing does, and what is found.

Three kinds of sets: the eight named activities; the interferon genes, as the verdict asks for them;
and sets as users give them. In noise whose genes are no human ones, and in the stand-in, genes are
named at random, so that named sets are of random genes there: of one gene's kind, but not such as
go together. Sets as users give them are half of random genes, half of genes that go together in
other libraries of the same noise, where there are enough.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from calibrate import noise
from calibrate.claims import ANY, Measured, quietly_fitted
from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.evidence.activity_sets import ACTIVITIES, INTERFERON, PANEL_GROUP, activity_sets
from imid.evidence.enrich import over_replicates
from imid.evidence.score_activities import LEVEL, activity_changes
from imid.evidence.set_scores import Replicates, score_samples
from imid.shared.paths import resource
from imid.shared.tables import read_table
from imid.userfiles.check_table import read_user_table

GENES = 3000
REPLICATES = 3
RISE = 0.5
ONE_RISE = 3.0
OTHERS = 20  # libraries that tell which genes go together
SETS, SET_GENES = 60, 20
CONTRAST = np.array([0.0, 1.0])
PANEL = resource("resources/targets.tsv")
BOUNDS = {
    ("verdict", "yes to interferon, nothing planted"): (0.0, 0.05),
    ("verdict", "yes to interferon, one gene up by 3"): (0.0, 0.06),
    ("named activities", "nulls with a change"): (0.0, 0.06),
    ("named activities", "share of p < 0.05 in nulls"): (0.0, 0.06),
    ("free sets", "nulls with a set"): (0.0, 0.05),
}
# Not between donors: their interferon genes scatter so much that no test could have this power.
POWER = {"stand-in": (0.8, 1.0), "pasilla": (0.8, 1.0)}


def panel() -> pd.DataFrame:
    """Read the target panel."""
    return read_user_table(PANEL, str(PANEL)).rows


def human_ids() -> list[str]:
    """List the genes of the activities that are named, those of the interferon response first."""
    rows = panel()
    interferon = rows.loc[rows["group"] == PANEL_GROUP, "gene_id"]
    ids = pd.concat([interferon, read_table(ACTIVITIES)["gene_id"]])
    return ids[ids != ""].drop_duplicates().tolist()


def drawn(source: noise.Noise, seed: int, samples: int) -> pd.DataFrame:
    """Draw counts with all named genes, genes × samples."""
    random = np.random.default_rng([seed, 13])
    known = source.counts.index if isinstance(source, noise.RealNoise) else pd.Index([])
    counts = pd.DataFrame(source(seed, samples, max(len(known), GENES)))
    wanted = human_ids()
    if known.isin(wanted).any():
        counts = counts.set_axis(known)
    else:
        names = [*wanted, *(f"gene_{number}" for number in range(len(counts)))]
        counts = counts.set_axis(random.permutation(names[: len(counts)]))
    named = counts.index.isin(wanted)
    others = random.permutation(np.flatnonzero(~named))[: GENES - named.sum()]
    return counts.iloc[np.sort(np.r_[np.flatnonzero(named), others])]


def scores_of(fit: FittedModel, counts: pd.DataFrame) -> Replicates:
    """Transform counts as the fit does, and put them to its design."""
    moved = replace(fit, counts=counts.to_numpy().T)
    values = deseq.variance_stabilized(moved).set_axis(counts.index)
    return Replicates(values, fit.design_matrix)


def activities_of(fit: FittedModel, counts: pd.DataFrame) -> pd.DataFrame:
    """Test the named activities, as the step does."""
    replicates = scores_of(fit, counts)
    names = counts.index.to_series()
    genes = pd.DataFrame({"gene_id": names, "gene_name": names, "base_mean": counts.mean(axis=1)})
    activities = activity_sets(genes.reset_index(drop=True), panel())
    weights = {name: each.weights for name, each in activities.items() if not each.reason}
    scored = score_samples(replicates, weights)
    return activity_changes(replicates, activities, scored, CONTRAST, names)


def says_yes(activities: pd.DataFrame) -> bool:
    """Answer as the verdict does whether the interferon genes rose."""
    row = activities.set_index("activity").loc[INTERFERON]
    return bool(row["log2_change"] > 0 and row["p_value_without_one"] / 2 < LEVEL)


def free_sets(random: np.random.Generator, others: pd.DataFrame | None, genes: pd.Index) -> dict:
    """Make sets of random genes, and of genes that go together."""
    sets = {f"random_{n}": list(random.choice(genes, SET_GENES, False)) for n in range(SETS)}
    if others is None:
        return sets
    logs = np.log2(others.loc[genes] / others.sum() * 1e6 + 1).to_numpy()
    logs = logs - logs.mean(axis=1, keepdims=True)
    logs /= np.maximum(np.linalg.norm(logs, axis=1, keepdims=True), 1e-9)
    for n, seed in enumerate(random.choice(len(genes), SETS // 2, False)):
        together = np.argsort(-(logs @ logs[seed]))[:SET_GENES]
        sets[f"random_{n}"] = list(genes[together])
    return sets


def found(source: noise.Noise, seed: int) -> dict[tuple[str, str], float]:
    """Tell of one draw what seems to change."""
    random = np.random.default_rng([seed, 17])
    few = 2 * REPLICATES
    try:
        counts = drawn(source, seed, few + OTHERS)
        counts, others = counts.iloc[:, :few], counts.iloc[:, few:]
    except ValueError:
        counts, others = drawn(source, seed, few), None
    fit = quietly_fitted(counts.to_numpy(), list("aaabbb"))
    null = activities_of(fit, counts)

    def planted(effects: pd.Series) -> bool:
        moved = np.outer(effects.reindex(counts.index).fillna(0.0), np.repeat([0, 1], REPLICATES))
        thinned = noise.thinned(counts.to_numpy(), moved, random)
        table = pd.DataFrame(thinned, counts.index, counts.columns)
        return says_yes(activities_of(fit, table))

    rows = panel()
    interferon = rows.loc[rows["group"] == PANEL_GROUP, "gene_id"].drop_duplicates()
    expressed = interferon[interferon.isin(counts.index[counts.mean(axis=1) >= 10])]
    all_up = pd.Series(RISE, index=interferon)
    one_up = pd.Series(ONE_RISE, index=[random.choice(expressed)])
    measured = counts.index[counts.mean(axis=1) >= 10]
    sets = over_replicates(free_sets(random, others, measured), scores_of(fit, counts), CONTRAST)
    return {
        ("verdict", "yes to interferon, nothing planted"): says_yes(null),
        ("verdict", "yes to interferon, one gene up by 3"): planted(one_up),
        ("verdict", "yes to interferon, all up by 0.5"): planted(all_up),
        ("named activities", "nulls with a change"): (null["holm_p_value"] < LEVEL).any(),
        ("named activities", "share of p < 0.05 in nulls"): (
            null["p_value"].dropna() < LEVEL
        ).mean(),
        ("free sets", "nulls with a set"): (sets["fdr"] < LEVEL).any(),
        ("free sets", "share of p < 0.05 in nulls"): (sets["p_value"] < LEVEL).mean(),
    }


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure a kind of noise."""
    source = noise.sources()[name]
    results = list(pool.map(partial(found, source), range(draws), chunksize=5))
    for test, claim in results[0]:
        bounds = BOUNDS.get((test, claim), ANY)
        if claim == "yes to interferon, all up by 0.5":
            bounds = POWER.get(name, ANY)
        values = np.array([result[test, claim] for result in results], float)
        yield Measured(name, test, claim, values, bounds)
