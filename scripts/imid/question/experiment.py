"""The experiment: what is asked, of which samples, as it was found to be sound."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from imid.question.fits import Fit
from imid.question.samples import ExcludedSample


@dataclass(frozen=True)
class Experiment:
    """A checked experiment.

    Attributes
    ----------
    settings : dict
        The configuration, defaults filled in; strandedness is no, yes or reverse.
    units : DataFrame
        One row for each lane of the cell lines to analyse, in the order of the sheet: sample,
        lane (from 1 within the sample), cell_line, treatment, replicate, those of dose_um, hours
        and batch that the sheet has, fastq_1, fastq_2. Strings but for the lane; ``fastq_2`` is
        empty for single-end reads, what is missing elsewhere is ``NA``.
    samples : DataFrame
        One row for each sample: the same without lane and FASTQ files.
    cell_lines : list of str
        Those to analyse, in the order of the configuration or else of the sheet.
    fits : list of Fit
        The models to fit, with the contrasts to take from each.
    excluded : list of ExcludedSample
        What is left out.
    paired : dict
        For each sample whether it is paired-end.
    targets : Path
        The target panel.
    archived : list of str
        Samples without reads, to go on from as an earlier run left them.
    warnings : list of str
        What does not stop the workflow, but should be known.
    """

    settings: dict
    units: pd.DataFrame
    samples: pd.DataFrame
    cell_lines: list[str]
    fits: list[Fit]
    excluded: list[ExcludedSample]
    paired: dict[str, bool]
    targets: Path
    archived: list[str]
    warnings: list[str]
