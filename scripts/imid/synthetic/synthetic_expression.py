"""The expression of the synthetic experiment: its samples, planted effects and drawn counts."""

from itertools import combinations

import numpy as np
import pandas as pd

from imid.shared.problems import InputError


def list_samples(experiment: dict, cell_lines: list[str]) -> pd.DataFrame:
    """List the samples of the experiment.

    Parameters
    ----------
    experiment : dict
        The section ``experiment`` of the plan.
    cell_lines : list of str
        The lines to list.

    Returns
    -------
    DataFrame
        sample, cell_line, treatment, replicate, dose_um, hours, lanes (their number).
    """
    rows = [
        (f"{cell_line}_{treatment}_{replicate}", cell_line, treatment, replicate, dose)
        for cell_line in cell_lines
        for treatment, dose in experiment["dose_um"].items()
        for replicate in range(1, experiment["replicates"] + 1)
    ]
    samples = pd.DataFrame(
        rows, columns=["sample", "cell_line", "treatment", "replicate", "dose_um"]
    )
    lanes = 1 + samples["sample"].isin(experiment["two_lanes"]).astype(int)
    return samples.assign(hours=experiment["hours"], lanes=lanes)


def plan_expression(rng: np.random.Generator, plan: dict, genes: pd.DataFrame) -> pd.DataFrame:
    """Decide how much each gene is expressed and what each treatment does to it.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    plan : dict
        The whole plan.
    genes : DataFrame
        gene_id, gene_name, kind and target.

    Returns
    -------
    DataFrame
        `genes` with baseline (expected fragments in a reference library of the planned
        size), dispersion (of the negative binomial: variance = mean + dispersion x mean^2)
        and, for each treatment, the log2 fold change in a line that responds fully.
    """
    effects = plan_effects(rng, plan, genes)
    baseline = plan_baseline(rng, plan, genes, effects)
    dispersion = plan_dispersion(rng, plan["dispersion"], baseline)
    return genes.assign(baseline=baseline, dispersion=dispersion).join(effects)


def plan_effects(rng: np.random.Generator, plan: dict, genes: pd.DataFrame) -> pd.DataFrame:
    """Return log2 fold changes against the reference, genes x treatments."""
    effects = pd.DataFrame(0.0, index=genes.index, columns=list(plan["experiment"]["dose_um"]))
    for name, effect in plan["effects"]["targets"].items():
        named = genes["target"] & (genes["gene_name"] == name)
        effects.loc[named, list(effect)] = list(effect.values())
    candidates = rng.permutation(genes.index[(genes["kind"] == "simple") & ~genes["target"]])
    for group in plan["effects"]["others"]:
        chosen, candidates = np.split(candidates, [group["genes"]])
        for treatment in effects.columns.intersection(group):
            effects.loc[chosen, treatment] = group[treatment]
    return effects


def plan_baseline(
    rng: np.random.Generator, plan: dict, genes: pd.DataFrame, effects: pd.DataFrame
) -> np.ndarray:
    """Return each gene's expected fragments in a reference library of the planned size.

    Targets and genes that move are expressed well enough to be told from noise, a few genes
    hardly or not at all; the rest share the remaining fragments log-normally.
    """
    expression = plan["expression"]
    faint, silent = expression["faint"], expression["silent"]
    visible = (genes["target"] | effects.any(axis=1)).to_numpy()
    rising = effects.max(axis=1).to_numpy() > 0
    baseline = rng.lognormal(0, expression["spread"], len(genes))
    baseline[visible] = rng.uniform(*expression["visible"], visible.sum())
    baseline[rising] = rng.uniform(*expression["rising"], rising.sum())
    for name, fragments in expression["targets"].items():
        baseline[genes["target"] & (genes["gene_name"] == name)] = fragments
    hardly = rng.permutation(np.flatnonzero(~visible & (genes["kind"] == "simple")))
    hardly = hardly[: faint["genes"] + silent]
    baseline[hardly[: faint["genes"]]] = faint["fragments"]
    baseline[hardly[faint["genes"] :]] = 0
    rest = ~visible
    rest[hardly] = False
    genic = plan["experiment"]["fragments"] * (1 - sum(expression["noise"].values()))
    left = genic - baseline[~rest].sum()
    if left <= 0:
        raise InputError(
            [
                f"the plan's targets and planted genes take {-left:.0f} fragments more than a "
                "library has; raise experiment.fragments or lower expression.visible"
            ]
        )
    baseline[rest] *= left / baseline[rest].sum()
    return baseline


def plan_dispersion(rng: np.random.Generator, plan: dict, baseline: np.ndarray) -> np.ndarray:
    """Return each gene's dispersion: DESeq2's trend a0 + a1 / mean, with log-normal scatter.

    The trend is that of Love and others, Genome Biology 2014, 15:550.
    """
    trend = plan["trend"] + plan["extra_poisson"] / np.maximum(baseline, 1)
    return trend * rng.lognormal(0, plan["scatter"], baseline.size)


def expected_counts(
    expression: pd.DataFrame, cell_line: dict, treatment: str, scale: float
) -> np.ndarray:
    """Return the mean fragments of each gene in one sample.

    Parameters
    ----------
    expression : DataFrame
        As `plan_expression` returns it.
    cell_line : dict
        The line in the plan: response and, by gene name, baseline.
    treatment : str
        One of the planned treatments.
    scale : float
        Size of the library, relative to the planned one.

    Returns
    -------
    ndarray, shape (genes,)
        A gene that does not move is a constant share of `scale`: size factors find it.
    """
    shift = expression["gene_name"].map(cell_line.get("baseline", {})).fillna(0.0)
    log2_change = shift + cell_line["response"] * expression[treatment]
    return (scale * expression["baseline"] * 2**log2_change).to_numpy()


def draw_counts(rng: np.random.Generator, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Draw negative-binomial counts with variance mean + dispersion x mean^2."""
    return rng.negative_binomial(1 / dispersion, 1 / (1 + dispersion * mean))


def fold_changes(expression: pd.DataFrame, experiment: dict, cell_lines: list[str]) -> pd.DataFrame:
    """Tabulate the planted log2 fold changes of every pair of treatments.

    Returns
    -------
    DataFrame
        gene_id, gene_name, cell_line, numerator, denominator, log2_fold_change (positive:
        higher in the numerator).
    """
    tables = []
    for cell_line in cell_lines:
        response = experiment["cell_lines"][cell_line]["response"]
        for denominator, numerator in combinations(experiment["dose_um"], 2):
            change = response * (expression[numerator] - expression[denominator])
            tables.append(
                expression[["gene_id", "gene_name"]].assign(
                    cell_line=cell_line,
                    numerator=numerator,
                    denominator=denominator,
                    log2_fold_change=change,
                )
            )
    return pd.concat(tables, ignore_index=True)
