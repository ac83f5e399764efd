"""What a run begins with: the configuration as Snakemake was given it, checked before any job."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imid.inputs.check_programs import missing_programs
from imid.inputs.experiment import load_experiment
from imid.question.experiment import Experiment
from imid.question.settings import Settings
from imid.running.decisions import decided
from imid.shared.paths import ROOT
from imid.shared.problems import InputError, warn

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

CONFIG_FILE = Path("config/config.yaml")


def checked_experiment(workflow: "Workflow", config: Mapping) -> Experiment:
    """Check everything the user gave; say all that is wrong and stop, before any job starts.

    Parameters
    ----------
    workflow : Workflow
        Snakemake's.
    config : mapping
        What Snakemake took for the configuration.

    Returns
    -------
    Experiment

    Raises
    ------
    SystemExit
        With all that needs mending.
    """
    ours, given = config_files(workflow)
    # As `configfile:` does, which Snakemake's own log then names.
    workflow.configfiles.extend(map(str, ours))
    try:
        experiment = load_experiment(
            [*ours, *given],
            overrides(workflow, config),
            workflow_root=ROOT,
            working_directory=Path.cwd(),
            check_contents=workflow.is_main_process,
        )
        _check_programs(workflow, experiment.settings)
    except InputError as error:
        sys.exit("\n".join(["Nothing was run; this needs mending:", *error.problems]))
    if workflow.is_main_process:
        for warning in experiment.warnings:
            warn(warning)
    # Jobs do not look into files, and know of archived samples what was seen before them.
    archived = decided("ARCHIVED", lambda: experiment.archived, workflow.is_main_process)
    return replace(experiment, archived=archived)


def asked_experiment(given: Sequence[Path], overrides: Mapping | None) -> Experiment:
    """Read what is asked in the working directory, for a command beside the run.

    Parameters
    ----------
    given : sequence of Path
        The files of --configfile, which override ours.
    overrides : mapping, optional
        The settings of --config, which override them all.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        Where configuration or sheet need mending; into other files nobody looks.
    """
    return load_experiment(
        [*_ours(given), *given],
        overrides,
        workflow_root=ROOT,
        working_directory=Path.cwd(),
        check_contents=False,
    )


def config_files(workflow: "Workflow") -> tuple[list[Path], list[Path]]:
    """Name the configuration's files: ours, and those of --configfile, which override it."""
    given = list(workflow.config_settings.configfiles)
    unasked = workflow.config_settings.replace_workflow_config or workflow.modifier.skip_configfile
    return [] if unasked else _ours(given), given


def _ours(given: Sequence[Path]) -> list[Path]:
    """Name our configuration, which may be absent where another one is given."""
    return [] if given and not CONFIG_FILE.exists() else [CONFIG_FILE]


def overrides(workflow: "Workflow", config: Mapping) -> Mapping:
    """Give the settings of --config; all, where another workflow has this one as a module."""
    return config if workflow.modifier.skip_configfile else workflow.config_settings.config


def _check_programs(workflow: "Workflow", settings: Settings) -> None:
    """Make sure that the aligner and its company are there, unless they are provided."""
    provided = workflow.deployment_settings.deployment_method
    if not workflow.is_main_process or not settings.from_reads or provided:
        return
    if missing := missing_programs(settings.aligner, settings.trim):
        raise InputError(missing)
