"""The experiment as the workflow runs it: configuration and sheet, checked before any job.

As a command it checks and does nothing else.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from imid.inputs.check_archived import archived_samples, reference_is_prepared
from imid.inputs.check_config import Config, check_config
from imid.inputs.check_contaminants import contaminant_problems
from imid.inputs.check_contrasts import (
    contrast_problems,
    fit_findings,
    select_cell_lines,
)
from imid.inputs.check_copies import copied_reads
from imid.inputs.check_counts import counts_findings
from imid.inputs.check_design import design_problems, fit_problems
from imid.inputs.check_exclusions import exclude
from imid.inputs.check_fastq import fastq_problems
from imid.inputs.check_gene_sets import gene_set_findings
from imid.inputs.check_index import Index, index_findings, read_index
from imid.inputs.check_quality import (
    quality_problems,
    site_findings,
    spike_in_problems,
    stroma_problems,
)
from imid.inputs.check_reference import Annotation, contig_findings, read_fasta, read_gtf
from imid.inputs.check_samples import (
    lanes_of,
    one_row_per_sample,
    read_sheet,
    replicate_findings,
    rows_by_sample,
    sheet_problems,
    single_end_warnings,
)
from imid.inputs.check_targets import find_panel, panel_problems, unannotated_targets
from imid.question.experiment import Experiment
from imid.question.fits import Fit, plan_fits
from imid.question.samples import ExcludedSample
from imid.shared.paths import ROOT
from imid.shared.problems import InputError, quoted, reported, warn
from imid.userfiles.check_content import ContentError
from imid.userfiles.check_table import UserTable, read_user_table
from imid.userfiles.config_files import Setting
from imid.userfiles.gene_sets import read_gene_sets
from imid.userfiles.site_files import read_sites
from imid.userfiles.user_files import file_fault

UNREAD_INDEX = (
    "is not held against the genome, for hisat2-inspect is not on the PATH, or took too long; make"
    " sure that it is of this genome"
)


@dataclass
class _Findings:
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)

    def add(self, problems: Sequence[str], warnings: Sequence[str] = ()) -> None:
        self.problems += problems
        self.warnings += warnings

    def collect(self, read: Callable, *arguments: Any) -> Any:
        """Give what was read, or None after noting why it could not be."""
        try:
            return read(*arguments)
        except InputError as error:
            self.add(error.problems)


def load_experiment(
    config_files: Sequence[str | Path],
    overrides: Mapping[str, Any] | None = None,
    *,
    workflow_root: Path,
    working_directory: Path,
    check_contents: bool = True,
) -> Experiment:
    """Check the whole input and give the experiment that it describes.

    Parameters
    ----------
    config_files : sequence of str or Path
        The configuration; each file overrides those before it.
    overrides : mapping, optional
        The settings of ``--config``, which override them all.
    workflow_root : Path
        The folder that holds ``workflow/`` and ``resources/``.
    working_directory : Path
        What relative paths start from.
    check_contents : bool
        Whether to look into the files as well: FASTQ, reference, index and target panel. Jobs
        need not do again what the main process did.

    Returns
    -------
    Experiment
        What there is to do.

    Raises
    ------
    InputError
        With all problems of the configuration, the sheet, the panel and the files.
    """
    findings = _Findings()
    checked = check_config(config_files, working_directory, overrides)
    findings.add([*checked.problems, *quality_problems(checked)])
    sheet, cell_lines, excluded = _check_sheet(checked, working_directory, findings)
    fits = (
        _plan(checked, sheet, cell_lines, findings, check_contents) if sheet and cell_lines else []
    )
    targets = find_panel(checked.settings.targets, working_directory, workflow_root)
    if check_contents:
        _check_files(checked, working_directory, sheet, working_directory / targets, findings)
    if findings.problems or sheet is None:
        raise InputError(findings.problems)
    return Experiment(
        settings=checked.settings,
        quality=checked.quality,
        samples=one_row_per_sample(sheet.rows).reset_index(drop=True),
        lanes={name: lanes_of(rows) for name, rows in rows_by_sample(sheet.rows).items()},
        cell_lines=cell_lines,
        fits=fits,
        excluded=[item for item in excluded if item.cell_line in cell_lines],
        targets=targets,
        archived=findings.archived,
        warnings=findings.warnings,
    )


def _check_sheet(
    config: Config, working_directory: Path, findings: _Findings
) -> tuple[UserTable | None, list[str], list[ExcludedSample]]:
    """Check the sheet; give its part that is analysed, the cell lines, and what is left out."""
    settings = config.settings
    path = _given_file(config, ("samples",), settings.samples, working_directory, findings)
    if path is None:
        return None, [], []
    reads = settings.from_reads
    sheet = findings.collect(read_sheet, path, settings.samples, reads)
    if sheet is None:
        return None, [], []
    findings.add(sheet_problems(sheet, working_directory, reads))
    sheet, excluded, problems = exclude(config, sheet)
    findings.add(problems)
    cell_lines, problems = select_cell_lines(config, sheet)
    findings.add(problems)
    findings.add(stroma_problems(config, sheet.rows["cell_line"].unique().tolist()))
    compared = [
        levels["treatment"]
        for contrast in settings.differential.contrasts
        for _, levels in contrast.conditions
        if "treatment" in levels
    ]
    findings.add(*replicate_findings(sheet, cell_lines, compared))
    findings.add([], single_end_warnings(sheet))
    rows = sheet.rows[sheet.rows["cell_line"].isin(cell_lines)]
    if cell_lines:
        samples = UserTable(sheet.name, sheet.header_line, one_row_per_sample(rows))
        known_lines = sheet.rows["cell_line"].unique().tolist()
        findings.add(contrast_problems(config, samples, known_lines))
    return UserTable(sheet.name, sheet.header_line, rows), cell_lines, excluded


def _plan(
    config: Config,
    sheet: UserTable,
    cell_lines: list[str],
    findings: _Findings,
    check_design: bool,
) -> list[Fit]:
    """Plan the fits, and see whether the samples can answer them."""
    samples = UserTable(sheet.name, sheet.header_line, one_row_per_sample(sheet.rows))
    if check_design:
        findings.add(design_problems(config, samples))
    if findings.problems:
        return []
    fits = plan_fits(config.settings.differential.contrasts, samples.rows, cell_lines)
    findings.add(*fit_findings(config, samples, cell_lines))
    if check_design:
        findings.add(fit_problems(config, samples, fits))
    return fits


def _check_files(
    config: Config,
    working_directory: Path,
    sheet: UserTable | None,
    panel: Path,
    findings: _Findings,
) -> None:
    """Look into the files that are named: reads or counts, reference, index, target panel."""
    settings = config.settings
    if settings.from_reads:
        findings.add(contaminant_problems(config, working_directory))
    if sheet and settings.from_reads:
        _check_reads(config, working_directory, sheet, findings)
    needed = not (
        sheet
        and set(sheet.rows["sample"]) <= set(findings.archived)
        and reference_is_prepared(working_directory)
    )
    annotation = _check_reference(config, working_directory, findings, needed)
    genes = annotation.genes if annotation and annotation.complete else {}
    given = partial(_given_file, config, directory=working_directory, findings=findings)
    matrix = given(("counts",), settings.counts) if sheet else None
    if matrix:
        found = findings.collect(counts_findings, matrix, settings.counts, sheet, annotation)
        problems, warnings, genes = found or ([], [], {})
        findings.add(problems, warnings)
    findings.add(spike_in_problems(config, genes))
    for collection, name in settings.gene_sets.items():
        if path := given(("gene_sets", collection), name):
            sets = findings.collect(read_gene_sets, path, name)
            findings.add(*gene_set_findings(sets or {}, name, genes))
    if (sites_file := config.quality.sites) and (path := given(("qc", "sites"), sites_file)):
        sites = findings.collect(read_sites, path, sites_file)
        if sites and annotation:
            findings.add(*site_findings(sites, sites_file, annotation))
    if given(("targets",), settings.targets, found=panel):
        _check_panel(config, panel, annotation, findings)


def _given_file(
    config: Config,
    setting: Setting,
    name: str | None,
    directory: Path,
    findings: _Findings,
    found: Path | None = None,
) -> Path | None:
    """Give a file that a setting names, or None after noting why it cannot be read.

    None, too, where it names none. Where the name stands for a file elsewhere, that is `found`.
    """
    if not name:
        return None
    path = found or directory / name
    if fault := file_fault(path):
        findings.add([f"{config.where(setting)}: {quoted(name)} {fault}"])
        return None
    return path


def _check_reads(
    config: Config, working_directory: Path, sheet: UserTable, findings: _Findings
) -> None:
    """Look into the FASTQ files; where a sample has none any more, into what was made of them."""
    if config.sound("reference") and config.sound("strandedness") and config.sound("aligner"):
        archived = archived_samples(sheet, config.settings, working_directory)
        findings.add(archived.problems, archived.warnings)
        findings.archived = archived.samples
    rows = sheet.rows[~sheet.rows["sample"].isin(findings.archived)]
    with_reads = UserTable(sheet.name, sheet.header_line, rows)
    problems = fastq_problems(with_reads, working_directory)
    told = {problem.split(":")[0] for problem in problems}
    copies = copied_reads(with_reads, working_directory)
    findings.add([*problems, *(copy for copy in copies if copy.split(":")[0] not in told)])


def _check_reference(
    config: Config, working_directory: Path, findings: _Findings, needed: bool
) -> Annotation | None:
    """Look into genome, annotation and index; what nothing needs any more may be gone."""
    settings = config.settings

    def look(key: str, read: Callable) -> Any:
        setting = ("reference", key)
        name = settings.reference.given.get(key)
        if name is None or (not needed and not (working_directory / name).exists()):
            return None
        # An index is a folder, or what the names of its files begin with.
        given = key == "index" or _given_file(config, setting, name, working_directory, findings)
        if not given:
            return None
        try:
            return findings.collect(read, working_directory / name, name)
        except ContentError as error:
            findings.add([f"{config.where(setting)}: '{name}' {error}"])

    stranded = settings.strandedness in ["yes", "reverse"]
    genome = look("fasta", read_fasta)
    annotation = look("gtf", partial(read_gtf, stranded=stranded))
    index = None
    if config.sound("aligner"):

        def read(path: Path, name: str) -> Index | None:
            index = read_index(path, name, settings.aligner)
            if not index:
                where = config.where(("reference", "index"))
                findings.add([], [f"{where}: '{name}' {UNREAD_INDEX}"])
            return index

        index = look("index", read)
    if annotation:
        findings.add([], annotation.warnings)
        for contigs in filter(None, [genome, index]):
            findings.add(*contig_findings(contigs, annotation))
    if index:
        findings.add(*index_findings(index, genome, annotation))
    return annotation


def _check_panel(
    config: Config, path: Path, annotation: Annotation | None, findings: _Findings
) -> None:
    panel = findings.collect(read_user_table, path, config.settings.targets)
    if panel is None:
        return
    problems = panel_problems(panel)
    findings.add(problems)
    if annotation and not problems:
        findings.add([], unannotated_targets(panel, annotation))


def main(argv: list[str] | None = None) -> None:
    """Check an experiment, and print what should be known of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config-file", type=Path, default=Path("config/config.yaml"))
    arguments = parser.parse_args(argv)

    experiment = load_experiment(
        [arguments.config_file],
        workflow_root=ROOT,
        working_directory=Path.cwd(),
    )
    for warning in experiment.warnings:
        warn(warning)
    print(f"{len(experiment.samples)} samples of {', '.join(experiment.cell_lines)}: no problems")


if __name__ == "__main__":
    reported(main)
