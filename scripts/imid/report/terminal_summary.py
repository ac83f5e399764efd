"""What a run found, in the few lines that it ends with: contrasts, warnings, what to open."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from imid.question.contrast_results import ContrastResult, read_result
from imid.question.plan import Plan
from imid.shared.json_files import read_json
from imid.shared.problems import InputError, file_problem, warn
from imid.shared.tables import read_table

RESULTS = Path("results")
# The targets whose RNA answers first.
SHOWN = ("IRF4", "MYC")
# Warnings beyond these are counted.
MOST_WARNINGS = 3


@dataclass(frozen=True)
class GivenWarning:
    """A warning, and what it is about; None for the run as a whole."""

    about: str | None
    warning: str


@dataclass(frozen=True)
class WarnedRun:
    """What is needed here of the provenance of a run."""

    warnings: list[GivenWarning]


def contrast_line(fit: str, result: ContrastResult, targets: pd.DataFrame) -> str:
    """Say what came of a contrast.

    Parameters
    ----------
    fit : str
        The folder of its fit.
    result : ContrastResult
    targets : DataFrame
        The targets table of the fit.

    Returns
    -------
    str
        Genes up and down, and the log2 fold changes of the first targets, significant ones with
        an asterisk.
    """
    of_contrast = targets[targets["contrast"] == result.name].set_index("gene_name")
    measured = [
        f"{gene} {row['log2_fold_change']:+.2f}{' *' if row['significant'] == 'yes' else ''}"
        for gene, row in of_contrast.loc[of_contrast.index.isin(SHOWN)].iterrows()
        if pd.notna(row["log2_fold_change"])
    ]
    moved = f"{result.significant.up} genes up, {result.significant.down} down"
    return f"{Path(fit).name}, {result.name}: {'; '.join([moved, *measured])}"


def summary_lines(plan: Plan, results: Path = RESULTS) -> Iterator[str]:
    """Say what a run found, what it was warned about, and what to open.

    Parameters
    ----------
    plan : Plan
        Of the run, which is finished.
    results : Path
        Its results folder.

    Yields
    ------
    str
        Lines; none where the run was asked for less than the page.
    """
    page, provenance = results / "report.html", results / "provenance.json"
    found = [
        (fit, results / fit / "targets.tsv", results / fit / "contrasts" / f"{contrast}.json")
        for fit in plan.fits
        for contrast in plan.contrasts_of_fit(fit)
    ]
    if not all(
        file.exists() for file in [page, provenance, *(f for _, *two in found for f in two)]
    ):
        return
    thresholds = plan.experiment.settings.differential
    yield f"FDR < {thresholds.fdr:g} and |log2 fold change| > {thresholds.log2_fold_change:g}:"
    for fit, targets, sidecar in found:
        yield f"  {contrast_line(fit, read_result(sidecar), read_table(targets))}"
    if warnings := read_json(provenance, WarnedRun).warnings:
        yield f"Warnings ({len(warnings)}, all of them on the page):"
        for told in warnings[:MOST_WARNINGS]:
            yield f"  {told.about}: {told.warning}" if told.about else f"  {told.warning}"
    yield f"Open {page}"


def tell_what_was_found(plan: Plan) -> None:
    """Print it; results that cannot be read, as after ``--touch``, fail no run that went well."""
    try:
        print("", *summary_lines(plan), sep="\n")
    except InputError as error:
        warn("; ".join(error.problems))
    except OSError as error:
        warn(file_problem(error))
