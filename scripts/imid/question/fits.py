"""Which models are fitted, and which contrasts are taken from each.

A cell line has a fit of its own, over its own samples. Lines that a contrast compares with each
other have one more in common: their designs side by side, with dispersions estimated from all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from imid.question.contrasts import LINE, Contrast

# What tells the replicates of a condition apart.
REPLICATES = ["sample", "replicate"]


@dataclass(frozen=True)
class Fit:
    """One model, and what is asked of it.

    Attributes
    ----------
    name : str
        The folder of its results: ``cell_lines/MM1S`` or ``joint/MM1S+MM1S_res``.
    cell_lines : list of str
        The lines whose samples it is fitted to.
    contrasts : list of Contrast
        What is taken from it, in the order of the configuration.
    """

    name: str
    cell_lines: list[str]
    contrasts: list[Contrast]

    @property
    def joint(self) -> bool:
        """Whether it compares cell lines."""
        return len(self.cell_lines) > 1


def plan_fits(
    asked: Sequence[Contrast], samples: pd.DataFrame, cell_lines: Sequence[str]
) -> list[Fit]:
    """Plan the models that answer all contrasts that can be made.

    Parameters
    ----------
    asked : sequence of Contrast
    samples : DataFrame
        The factors of each sample.
    cell_lines : sequence of str
        The lines to analyse.

    Returns
    -------
    list of Fit
        Those of single lines in the order of `cell_lines`, then those of several; none without
        a contrast.
    """
    alone: dict[str, list[Contrast]] = {line: [] for line in cell_lines}
    joint: dict[tuple[str, ...], list[Contrast]] = {}
    here = present_by_line(samples)
    for contrast in asked:
        lines = ordered(contrast.cell_lines, cell_lines)
        together = [condition for line in lines for condition in here.get(line, [])]
        if len(lines) > 1 and contrast.can_be_made(together):
            joint.setdefault(tuple(lines), []).append(contrast)
        for line in cell_lines if len(lines) < 2 else []:
            if contrast.can_be_made(here.get(line, [])):
                alone[line].append(contrast)
    fits = [Fit(f"cell_lines/{line}", [line], taken) for line, taken in alone.items()]
    fits += [Fit(f"joint/{'+'.join(lines)}", [*lines], taken) for lines, taken in joint.items()]
    return [fit for fit in fits if fit.contrasts]


def ordered(lines: Sequence[str], cell_lines: Sequence[str]) -> list[str]:
    """Put lines in the order of the analysis; those that are not analysed are left out."""
    return [line for line in cell_lines if line in lines]


def present_by_line(samples: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    """Give the conditions that each line's samples are in: their factors, replicates once."""
    factors = samples.drop(columns=REPLICATES, errors="ignore").drop_duplicates()
    conditions: dict[str, list[dict]] = {}
    for condition in factors.to_dict("records"):
        conditions.setdefault(condition[LINE], []).append(condition)
    return conditions
