"""The experiment: what is asked, of which samples, as it was found to be sound."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from imid.question.fits import Fit
from imid.question.quality_settings import Quality
from imid.question.samples import ExcludedSample, LaneFiles
from imid.question.settings import Settings


@dataclass(frozen=True)
class Experiment:
    """A checked experiment.

    Attributes
    ----------
    settings : Settings
        The configuration, defaults filled in.
    quality : Quality
        What it says of the samples' quality.
    samples : DataFrame
        One row for each sample of the cell lines to analyse, in the order of the sheet: sample,
        cell_line, treatment, replicate, those of dose_um, hours, batch and rin that the sheet has,
        and condition with dose_um or hours. Strings; what is missing is ``NA``.
    lanes : dict of str to list of LaneFiles
        The reads of each sample, lane by lane; no files where counts are given.
    cell_lines : list of str
        Those to analyse, in the order of the configuration or else of the sheet.
    fits : list of Fit
        The models to fit, with the contrasts to take from each.
    excluded : list of ExcludedSample
        What is left out.
    targets : Path
        The target panel.
    archived : list of str
        Samples without reads, to go on from as an earlier run left them.
    warnings : list of str
        What does not stop the workflow, but should be known.
    """

    settings: Settings
    quality: Quality
    samples: pd.DataFrame
    lanes: dict[str, list[LaneFiles]]
    cell_lines: list[str]
    fits: list[Fit]
    excluded: list[ExcludedSample]
    targets: Path
    archived: list[str]
    warnings: list[str]

    @property
    def configuration(self) -> dict[str, Any]:
        """All that the configuration says, defaults filled in, as plain values."""
        return {**asdict(self.settings), "qc": asdict(self.quality)}
