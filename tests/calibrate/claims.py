"""A claim that was measured: its value, its error, and whether it keeps its bounds."""

import warnings
from typing import NamedTuple

import numpy as np

from calibrate import noise
from imid.differential import fitting
from imid.differential.fitted_model import FittedModel

# What has no bound is told as it is.
ANY = (-np.inf, np.inf)
# By so many standard errors a bound may be passed by chance.
CHANCE = 2


class Measured(NamedTuple):
    """Of what noise, test and claim; a value for each draw; the lowest and highest right one."""

    noise: str
    test: str
    claim: str
    values: np.ndarray
    bounds: tuple[float, float] = ANY

    def row(self) -> dict:
        """Write it as a row of the table."""
        value, draws = float(np.mean(self.values)), len(self.values)
        error = float(np.std(self.values, ddof=1) / np.sqrt(draws))
        low, high = self.bounds
        kept = low - CHANCE * error <= value <= high + CHANCE * error
        return {
            "noise": self.noise,
            "test": self.test,
            "claim": self.claim,
            "value": round(value, 4),
            "error": round(error, 4),
            "low": None if np.isinf(low) else low,
            "high": None if np.isinf(high) else high,
            "kept": "" if self.bounds == ANY else "yes" if kept else "NO",
            "draws": draws,
        }


def quietly_fitted(counts: np.ndarray, groups: list[str]) -> FittedModel:
    """Fit counts of groups, the first letter first, without what the fit has to say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return fitting.fit(*noise.named(counts, groups), "~ group", ["a"])
