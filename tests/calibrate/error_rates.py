"""Measure the error rates and the power that are told, and whether they keep their bounds.

``make calibrate`` writes the table; the figures in README are its output. On simulated noise with
correlated genes and heavy tails and, where ``tests/noise.py`` finds it, on real noise.
"""

import argparse
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import noise
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.evidence.detectable_effect import detectable_effects
from imid.question.contrasts import two_levels
from imid.shared.significance import TESTS, WALD
from imid.shared.tables import write_table

FDR = 0.05
THRESHOLD = 1.0
CONTRAST = two_levels("group", "b", "a")
GENES = 3000
CHANGED = 0.1
REPLICATES = 3
# What each test calls: of any change, and of one above the threshold.
RATES = {
    "wald": ("fdr", 0.0),
    "quasi_likelihood": ("ql_fdr", 0.0),
    "wald, threshold": ("threshold_fdr", THRESHOLD),
    "quasi_likelihood, threshold": ("ql_threshold_fdr", THRESHOLD),
}
# The bounds: the lowest and the highest value that is right. What has none is told as it is.
ANY = (0.0, 1.0)
BOUNDS = {
    ("quasi_likelihood", "false share"): (0.0, 0.06),
    ("wald, threshold", "false share"): (0.0, 0.06),
    ("quasi_likelihood, threshold", "false share"): (0.0, 0.05),
    ("quasi_likelihood", "nulls with a discovery"): (0.0, 0.08),
    ("quasi_likelihood, threshold", "nulls with a discovery"): (0.0, 0.05),
}
POWER_BOUNDS = (0.75, 0.85)
# Of the effects told: the means of genes without them, how many of each, and among how many.
MEANS = [30, 50, 100, 300, 1000]
BLOCK = 40
BACKGROUND = 8000
P_VALUE = 1e-3
COLUMNS = [
    "noise",
    "replicates",
    "test",
    "measured",
    "value",
    "error",
    "low",
    "high",
    "kept",
    "draws",
]


class Found(NamedTuple):
    """What one test found in one draw."""

    called: int
    false: int
    changed: int


def found(source: noise.Noise, changed: float, seed: int) -> dict[str, Found]:
    """Count what each test finds in a draw."""
    counts, samples, effects = source(seed, REPLICATES, GENES, changed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fit = fitting.fit(counts, samples, "~ group", ["a"])
    table = deseq.contrast(fit, CONTRAST, FDR).join(calibrated(fit, CONTRAST, THRESHOLD))
    table["threshold_fdr"] = deseq.thresholded(fit, CONTRAST, FDR, THRESHOLD)["fdr"]
    results = {}
    for name, (column, above) in RATES.items():
        called, true = table[column].to_numpy() < FDR, np.abs(effects) > above
        results[name] = Found(called.sum(), (called & ~true).sum(), true.sum())
    return results


def error_rates(name: str, draws: int, pool: ProcessPoolExecutor) -> Iterable[dict]:
    """Measure the tests on a kind of noise, with changes and without."""
    source = noise.sources()[name]
    with_changes, nulls = (
        list(pool.map(partial(found, source, changed), range(draws), chunksize=5))
        for changed in (CHANGED, 0.0)
    )
    for test in RATES:
        called, false, changed = np.array([result[test] for result in with_changes]).T
        measured = {
            "false share": false / np.maximum(called, 1),
            "power": (called - false) / np.maximum(changed, 1),
            "nulls with a discovery": np.array([result[test].called > 0 for result in nulls]),
        }
        for what, values in measured.items():
            yield row(name, test, what, values, BOUNDS.get((test, what), ANY))


def row(name: str, test: str, what: str, values: np.ndarray, bounds: tuple[float, float]) -> dict:
    """Write a row of the table; a bound counts as kept within two standard errors."""
    value, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
    kept = bounds[0] - 2 * error <= value <= bounds[1] + 2 * error
    answer = "" if bounds == ANY else "yes" if kept else "NO"
    cells = [name, REPLICATES, test, what, round(value, 4), round(error, 4), *bounds, answer]
    return dict(zip(COLUMNS, [*cells, len(values)], strict=True))


def told_and_planted(test: str, seed: int) -> np.ndarray:
    """Plant the effects that are told of one experiment in another; tell which are found.

    Returns
    -------
    ndarray, means × rises and falls × genes
        1 or 0; missing where no effect was told.
    """
    random = np.random.default_rng([seed, 80])
    shape = (len(MEANS), 2, BLOCK)
    means, signs = (
        values.ravel()
        for values in np.broadcast_arrays(
            np.array(MEANS, dtype=float)[:, None, None],
            np.array([1.0, -1.0])[:, None],
            np.ones(shape),
        )[:2]
    )
    every = np.concatenate([np.exp(random.normal(5, 1.8, BACKGROUND)), means])
    dispersions = noise.usual_trend(every) * np.exp(random.normal(0, 0.5, len(every)))

    def experiment(effects: np.ndarray):
        planted = np.concatenate([np.zeros(BACKGROUND), effects])
        mu = every[:, None] * 2 ** np.outer(planted, np.repeat([0, 1], REPLICATES))
        rates = random.gamma(1 / dispersions[:, None], mu * dispersions[:, None])
        counts, samples, _ = noise.named(random.poisson(rates), planted)
        return fitting.fit(counts, samples, "~ group", ["a"])

    first = experiment(np.zeros(len(means)))
    names = first.var_names[BACKGROUND:].tolist()
    told = detectable_effects(first, CONTRAST | {"test": test}, names, P_VALUE)
    effects = signs * np.where(signs > 0, told["up"], told["down"])
    second = experiment(np.nan_to_num(effects))
    table = deseq.contrast(second, CONTRAST, FDR).join(calibrated(second, CONTRAST, THRESHOLD))
    table = table.iloc[BACKGROUND:]
    p_values = table["p_value" if test == WALD else "ql_p_value"]
    right = np.sign(table["log2_fold_change"]) == signs
    return np.where(np.isnan(effects), np.nan, (p_values <= P_VALUE) & right).reshape(shape)


def told_powers(draws: int, pool: ProcessPoolExecutor) -> Iterable[dict]:
    """Measure the power of the effects that are told as having one of 0.8."""
    for test in TESTS:
        results = np.array(list(pool.map(partial(told_and_planted, test), range(draws))))
        for place, mean in enumerate(MEANS):
            for side, word in enumerate(["rise", "fall"]):
                values = results[:, place, side].ravel()
                what = f"power of the {word} told, mean {mean}"
                yield row("independent", test, what, values[~np.isnan(values)], POWER_BOUNDS)


def main(argv: list[str] | None = None) -> None:
    """Write the table; end with an error where a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400, help="of each kind of noise")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    with ProcessPoolExecutor(os.cpu_count(), initializer=threadpool_limits, initargs=(1,)) as pool:
        rows = list(told_powers(max(arguments.draws // 25, 2), pool))
        for name in noise.sources():
            rows += error_rates(name, arguments.draws, pool)
    table = pd.DataFrame(rows)
    write_table(table, arguments.output)
    print(table.drop(columns=["replicates"]).to_string(index=False))
    if (table["kept"] == "NO").any():
        raise SystemExit("Some bounds are not kept.")


if __name__ == "__main__":
    main()
