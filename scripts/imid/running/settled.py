"""Whether the strandedness that an earlier run found still stands."""

from collections.abc import Callable
from pathlib import Path

from imid.question.experiment import Experiment
from imid.reads.findings import recorded_strandedness


def settled_lines(
    experiment: Experiment, results: Path, damage: Callable[[str], str | None] = lambda name: None
) -> list[str]:
    """List the cell lines whose strandedness is not to be found anew.

    It stands as long as samples of the line were counted by it and the setting is what it was,
    also where the sample it was found with is left out.

    Parameters
    ----------
    experiment : Experiment
        Checked.
    results : Path
        The folder of an earlier run's results.
    damage : callable
        Says of a result what happened to it since it was made, if anything did.

    Returns
    -------
    list of str
        In the order of the analysis.
    """
    samples = experiment.samples.groupby("cell_line")["sample"]
    return [
        line
        for line in experiment.cell_lines
        if _found_as(finding := results / "strandedness" / f"{line}.json", experiment)
        and not damage(str(finding))
        and any((results / "samples" / s / "counts.tsv").exists() for s in samples.get_group(line))
    ]


def _found_as(finding: Path, experiment: Experiment) -> bool:
    found = recorded_strandedness(finding)
    return found is not None and found.configured == experiment.settings.strandedness
