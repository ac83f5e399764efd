"""What the configuration says of the samples' quality, held against the figures there are."""

from imid.inputs.check_config import Config
from imid.question.sample_figures import sample_figures, with_bounds

QUALITY = "qc"


def quality_problems(config: Config) -> list[str]:
    """Find bounds in the wrong order, and figures that shall stop a run but cannot fail.

    Parameters
    ----------
    config : Config
        As given by `check_config`.

    Returns
    -------
    list of str
        The problems.
    """
    given = config.quality
    problems = []
    figures = with_bounds(sample_figures(), given.bounds)
    for name in given.bounds:
        if fault := figures[name].fault:
            problems.append(f"{config.where((QUALITY, 'bounds', name))}: {fault}")
    for position, name in enumerate(given.stop_on):
        if figures[name].fail is None:
            problems.append(
                f"{config.where((QUALITY, 'stop_on', position))}: nothing says from where on {name}"
                f" fails; set {QUALITY}.bounds.{name}.fail"
            )
    return problems
