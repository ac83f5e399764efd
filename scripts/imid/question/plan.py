"""The plan: which files follow from what is asked, and who reads which.

The rules ask it by the names that their wildcards hold, and declare what it says. It knows
nothing of Snakemake. Files are named relative to the working directory.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import pandas as pd

from imid.question.contrasts import Contrast, incomparable
from imid.question.experiment import Experiment
from imid.question.fits import Fit
from imid.question.formulas import read_formula
from imid.question.samples import ExcludedSample

# What a run leaves of each sample, of all, of each fit, contrast and pair of contrasts.
OF_SAMPLE = ["aligned.bam", "aligned.bam.bai", "counts.tsv", "reports", "checks.json"]
OF_ALL_SAMPLES = [
    *["multiqc.html", "multiqc_data", "fates.tsv", "reads.sha256"],
    *["genotypes.tsv", "markers.tsv"],
]
# What is measured of each sample, by what: quality/counts.json. And what is made of it all.
MEASURED_BY_COUNTS = ["counts"]
MEASURED_BY_READS = ["reads", "alignments", "identity", "markers"]
# The bases of a sample, by which it is held against the others.
GENOTYPES = "quality/genotypes.npz"
OF_QUALITY = ["samples.tsv", "verdicts.tsv", "warnings.tsv"]
# Made where a figure may stop the run.
ACCEPTED = "results/qc/accepted.tsv"
# Figures that the sheet has.
OF_SHEET = ["rin"]
# What a genome browser opens beside that.
TRACKS, SESSION = "tracks", "results/igv_session.xml"
# What is to be said of the genes of a count matrix.
GENES_WARNINGS = "results/reference/genes.warnings.tsv"
# The steps of a fit that may have something to say of their results.
STEPS_THAT_WARN = ["fit", "targets", "agreement"]
OF_FIT = [
    *["counts.tsv", "normalized.tsv", "vst.tsv", "dispersions.tsv", "samples.tsv", "design.tsv"],
    *["targets.tsv", "activities.tsv", "activity_scores.tsv", "verdict.tsv"],
    "sample_agreement.tsv",
    *[f"warnings/{step}.tsv" for step in STEPS_THAT_WARN],
    *["fit.h5ad", "tables.xlsx"],
]
# What later steps read of a fit beside that.
BETWEEN = ["metadata.tsv", "factors.tsv", "size_factors.tsv", "fit.npz"]
OF_CONTRAST = [
    *["contrasts/{}.tsv", "contrasts/{}.significant.tsv", "contrasts/{}.json"],
    "contrasts/{}.warnings.tsv",
    *["enrichment/{}.tsv", "enrichment/{}.rnk", "enrichment/{}.running.tsv"],
]
# What stands between the names of two contrasts that are compared.
AGAINST = ".against."
OF_COMPARISON = ["comparisons/{}.tsv", "comparisons/{}.json"]
OF_ACROSS = [".tsv", ".targets.tsv"]
# What stands between a contrast's name and the suffix in the names of some: .significant and so on.
ENDINGS = {name.rpartition("{}")[2].rpartition(".")[0] for name in [*OF_CONTRAST, *OF_ACROSS]}
# The columns of a fit's samples that its steps read whatever the model.
NEEDED = ["sample", "cell_line", "treatment"]
# What the page shows of a fit, and of each of its contrasts.
SHOWN = ["targets.tsv", "verdict.tsv", "activities.tsv"]
SHOWN_OF_CONTRAST = [".json", ".significant.tsv"]


@dataclass(frozen=True)
class Plan:
    """What a run makes of an experiment.

    Attributes
    ----------
    experiment : Experiment
        Checked.
    """

    experiment: Experiment

    @cached_property
    def line_of(self) -> dict[str, str]:
        """The cell line of each sample, in the order of the sheet."""
        samples = self.experiment.samples
        return dict(zip(samples["sample"], samples["cell_line"], strict=True))

    @cached_property
    def fits(self) -> dict[str, Fit]:
        """The models by name."""
        return {fit.name: fit for fit in self.experiment.fits}

    @cached_property
    def contrasts(self) -> dict[str, Contrast]:
        """The contrasts by name, each once, whichever fits it is taken from."""
        return {
            contrast.name: contrast for fit in self.experiment.fits for contrast in fit.contrasts
        }

    @property
    def from_reads(self) -> bool:
        """Whether it starts from FASTQ files, not from a count matrix."""
        return self.experiment.settings.from_reads

    @property
    def units(self) -> list[str]:
        """Units that need the genes' lengths, which the annotation tells; none without it."""
        annotated = self.experiment.settings.reference.gtf
        return ["fpkm", "tpm"] if self.from_reads or annotated else []

    def strandedness_of_sample(self, sample: str) -> str:
        """Name the file that says how a sample's libraries keep the strand: its line's."""
        return f"results/strandedness/{self.line_of[sample]}.json"

    def samples_of_fit(self, fit: str) -> list[str]:
        """Name the samples that a model is fitted to, in the order of the sheet."""
        lines = self.fits[fit].cell_lines
        return [sample for sample, line in self.line_of.items() if line in lines]

    def counts_of_fit(self, fit: str) -> list[str]:
        """Name the tables of counts of a fit's samples."""
        return _of_samples(self.samples_of_fit(fit), "counts.tsv")

    def checks_of_fit(self, fit: str) -> list[str]:
        """Name what the cross-checks of a fit's samples say."""
        return _of_samples(self.samples_of_fit(fit), "checks.json")

    def measured_files(self) -> list[str]:
        """Name what was measured of all samples."""
        measured = [*MEASURED_BY_COUNTS, *(MEASURED_BY_READS if self.from_reads else [])]
        files = (_of_samples(self.line_of, f"quality/{what}.json") for what in measured)
        return [*(file for of_all in files for file in of_all), *self.contamination_files()]

    def figures_of_sheet(self) -> dict[str, dict[str, float]]:
        """Give those figures of each sample that the sheet has, in its order."""
        samples = self.experiment.samples
        named = samples.set_index("sample")[samples.columns.intersection(OF_SHEET)]
        return {
            str(sample): {str(name): float(text) for name, text in row.items() if text != "NA"}
            for sample, row in named.to_dict("index").items()
        }

    def matrix_of_sample(self, sample: str) -> str:
        """Name a fit's count matrix that has a sample: where a matrix is given, it has no other."""
        return next(
            f"results/{fit}/counts.tsv" for fit in self.fits if sample in self.samples_of_fit(fit)
        )

    def accepted(self) -> list[str]:
        """Name what must be there before a model is fitted, where a figure may stop the run."""
        return [ACCEPTED] if self.experiment.quality.stop_on else []

    def results_of_quality(self) -> list[str]:
        """Name what a run leaves of the samples' quality."""
        made = [f"results/qc/{file}" for file in OF_QUALITY]
        return [*self.measured_files(), *made, *self.accepted()]

    def metadata_rows(self, fit: str) -> list[str]:
        """Write a fit's samples and their factors as the lines of a table, the header first."""
        return _as_lines(self._metadata(fit))

    def factor_rows(self, fit: str) -> list[str]:
        """Write those columns of a fit's samples that its model, or a contrast of it, names."""
        metadata = self._metadata(fit)
        differential = self.experiment.settings.differential
        compared = [
            levels for contrast in self.fits[fit].contrasts for _, levels in contrast.conditions
        ]
        named = {*NEEDED, *read_formula(differential.design).columns}
        named = named.union(*compared, differential.covariates)
        return _as_lines(metadata[[column for column in metadata.columns if column in named]])

    def _metadata(self, fit: str) -> pd.DataFrame:
        samples = self.experiment.samples
        return samples[samples["sample"].isin(self.samples_of_fit(fit))]

    def excluded_from_fit(self, fit: str) -> list[ExcludedSample]:
        """List which samples of a fit's lines were left out, and why."""
        lines = self.fits[fit].cell_lines
        return [item for item in self.experiment.excluded if item.cell_line in lines]

    def contrasts_of_fit(self, fit: str) -> list[str]:
        """Name the contrasts that are taken from a fit, in the order of the configuration."""
        return [contrast.name for contrast in self.fits[fit].contrasts]

    def contrast_files(self, fit: str, suffix: str) -> list[str]:
        """Name a file of each contrast of a fit: ``.tsv``, ``.json``, ``.significant.tsv``."""
        return [f"results/{fit}/contrasts/{name}{suffix}" for name in self.contrasts_of_fit(fit)]

    def comparisons_of_fit(self, fit: str) -> list[str]:
        """Name the pairs of contrasts whose numerators are compared with each other.

        The contrast that stands later in the configuration is held against the earlier one:
        ``pomalidomide_vs_dmso.against.lenalidomide_vs_dmso``.
        """
        return [f"{second}{AGAINST}{first}" for second, first in self.pairs_of_fit(fit)]

    def pairs_of_fit(self, fit: str) -> list[tuple[str, str]]:
        """Give the same pairs, each as two names, the later contrast first."""
        return [
            (second.name, first.name)
            for first, second in combinations(self.fits[fit].contrasts, 2)
            if not incomparable(first, second)
        ]

    def fits_across(self, contrast: str) -> list[str]:
        """Name the fits of single lines that a contrast is taken from."""
        return [
            name
            for name, fit in self.fits.items()
            if not fit.joint and contrast in self.contrasts_of_fit(name)
        ]

    def across_files(self, contrast: str, file: str) -> list[str]:
        """Name one file in each line that has a contrast; ``{contrast}`` in it is filled in."""
        name = file.format(contrast=contrast)
        return [f"results/{fit}/{name}" for fit in self.fits_across(contrast)]

    @cached_property
    def across(self) -> list[str]:
        """The contrasts that are held against each other in several lines."""
        return [contrast for contrast in self.contrasts if len(self.fits_across(contrast)) > 1]

    def results_of_reads(self) -> list[str]:
        """Name what a run leaves of the reads: of each sample, of each line, and of all."""
        if not self.from_reads:
            return []
        return [
            *(file for made in [*OF_SAMPLE, GENOTYPES] for file in _of_samples(self.line_of, made)),
            *(f"results/strandedness/{line}.json" for line in self.experiment.cell_lines),
            *(f"results/qc/{made}" for made in OF_ALL_SAMPLES),
        ]

    def contamination_files(self) -> list[str]:
        """Name what tells of contaminants in each sample, where the configuration names some."""
        asked = self.from_reads and self.experiment.quality.contaminants
        return _of_samples(self.line_of, "quality/contamination.json") if asked else []

    def results_of_tracks(self) -> list[str]:
        """Name what a run leaves for a genome browser."""
        return [*_of_samples(self.line_of, TRACKS), SESSION] if self.from_reads else []

    def shown_samples(self) -> list[dict[str, str]]:
        """Give what a genome browser is told of each sample, in the order of the sheet."""
        rows = self.experiment.samples[NEEDED].itertuples(index=False)
        return [dict(zip(NEEDED, map(str, row), strict=True)) for row in rows]

    def results_of_fits(self) -> list[str]:
        """Name the tables that a run leaves of each fit, and of the lines side by side."""
        made = [*OF_FIT, *(f"{unit}.tsv" for unit in self.units)]
        files = [f"results/{fit}/{file}" for fit in self.fits for file in made]
        for fit in self.fits:
            of_contrasts = [
                f.format(name) for name in self.contrasts_of_fit(fit) for f in OF_CONTRAST
            ]
            of_comparisons = [
                f.format(name) for name in self.comparisons_of_fit(fit) for f in OF_COMPARISON
            ]
            files += [f"results/{fit}/{file}" for file in [*of_contrasts, *of_comparisons]]
        return files + [f"results/across/{name}{end}" for name in self.across for end in OF_ACROSS]

    def warnings(self) -> list[str]:
        """Name the tables of warnings that the steps of samples, genes and fits write."""
        of_genes = [] if self.from_reads else [GENES_WARNINGS]
        of_steps = [
            f"results/{fit}/warnings/{step}.tsv" for fit in self.fits for step in STEPS_THAT_WARN
        ]
        return ["results/qc/warnings.tsv", *of_genes, *of_steps] + [
            file for fit in self.fits for file in self.contrast_files(fit, ".warnings.tsv")
        ]

    def files_between(self) -> list[str]:
        """Name what is made of each fit for later steps alone."""
        return [f"results/{fit}/{file}" for fit in self.fits for file in BETWEEN]

    def page_tables(self, fit: str) -> list[str]:
        """Name the tables of a fit that the page shows."""
        contrasts = [f"contrasts/{name}" for name in self.contrasts_of_fit(fit)]
        compared = [f"comparisons/{name}.json" for name in self.comparisons_of_fit(fit)]
        of_contrasts = [f"{name}{suffix}" for name in contrasts for suffix in SHOWN_OF_CONTRAST]
        return [f"results/{fit}/{name}" for name in [*SHOWN, *of_contrasts, *compared]]


def _of_samples(samples: Iterable[str], file: str) -> list[str]:
    return [f"results/samples/{sample}/{file}" for sample in samples]


def _as_lines(table: pd.DataFrame) -> list[str]:
    cells = table.astype(str)
    return ["\t".join(cells.columns), *cells.agg("\t".join, axis=1)]
