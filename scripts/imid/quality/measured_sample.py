"""What a step measured of a sample, for the step that judges."""

from dataclasses import dataclass, field
from pathlib import Path

from imid.shared.json_files import read_json


@dataclass(frozen=True, kw_only=True)
class MeasuredSample:
    """Figures of one sample.

    Attributes
    ----------
    sample : str
    figures : dict of str to float
        By the names of ``resources/sample_figures.tsv``, which has their units and bounds. What
        could not be measured is absent.
    curves : dict of str to list of float
        Figures along something, such as the coverage from the 5' end of a gene to its 3' end.
    notes : dict of str to str
        Why a figure is absent, or what explains it, by its name: told where it decides.
    warnings : list of str
        What has to be known though no figure's bound decides on it.
    """

    sample: str
    figures: dict[str, float]
    curves: dict[str, list[float]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_measured(path: Path) -> MeasuredSample:
    """Read what a step wrote by `write_json`; `InputError` where it is missing or damaged."""
    return read_json(path, MeasuredSample)
