"""What alignment takes: reads, and an index, which is ours or one that the config names."""

from dataclasses import dataclass

from imid.question.experiment import Experiment
from imid.reads.aligner import Aligner
from imid.reads.aligners import ALIGNERS
from imid.reads.origins import PlannedOrigin, planned_origin

REFERENCE = "results/reference"
# What is made of genome and annotation, whatever is aligned with.
OF_GENOME = ["genome.fa", "genome.fa.fai"]
OF_ANNOTATION = [
    *["annotation.gtf", "genes.tsv", "splice_sites.tsv", "exons.bed", "features.bin"],
    "gene_regions.npz",
]
# What is made of contaminants, beside the index of them.
CONTAMINANTS = f"{REFERENCE}/contaminants"
OF_CONTAMINANTS = ["contaminants.fa", "contaminants.fa.fai", "contaminants.gtf", "splice_sites.tsv"]
# What of it a genome browser reads.
OF_BROWSER = ["annotation.gtf.gz", "annotation.gtf.gz.tbi"]


@dataclass(frozen=True)
class ReadPlan:
    """What the reads of an experiment are, and what they pass through.

    Attributes
    ----------
    experiment : Experiment
        Checked, with reads.
    """

    experiment: Experiment

    @property
    def aligner(self) -> Aligner:
        """The aligner that the config names."""
        return ALIGNERS[self.experiment.settings.aligner]

    @property
    def adapters(self) -> list[str]:
        """What is cut off: a kit, none, or a sequence for one mate or for each."""
        adapters = self.experiment.settings.adapters
        return [adapters] if isinstance(adapters, str) else adapters

    @property
    def align_options(self) -> str:
        """The settings that alignment and counting depend on, as the step's options."""
        settings = self.experiment.settings
        trimming = ["--trim", "--adapters", *self.adapters] if settings.trim else []
        counted = ["--count-engine", settings.count_engine]
        return " ".join(["--aligner", self.aligner.name, *counted, *trimming])

    @property
    def programs(self) -> list[str]:
        """The programs that reads pass through."""
        trimming = ["fastp"] if self.experiment.settings.trim else []
        return [self.aligner.programs[0], "samtools", *trimming]

    @property
    def programs_of_rules(self) -> dict[str, list[str]]:
        """The programs of others that a rule's jobs run, for rules that run one."""
        aligner = [*self.aligner.programs[:1]]
        own = dict.fromkeys(["aligner_index", "contaminant_index", "contamination"], aligner)
        through = dict.fromkeys(["strandedness", "align"], self.programs)
        return {**own, **through, "genotypes": ["samtools"]}

    @property
    def prebuilt_index(self) -> str | None:
        """The index that the config names, if it names one."""
        return self.experiment.settings.reference.index

    def reference_files(self) -> list[str]:
        """Name what a run makes of the reference: from genome, annotation, and its index."""
        aligner = self.aligner
        exceptions = [f"{aligner.name}_exceptions.tsv"] if aligner.exceptions else []
        index = [] if self.prebuilt_index else [*aligner.index_files, *aligner.beside_index]
        made = [
            *OF_GENOME,
            *OF_ANNOTATION,
            *OF_BROWSER,
            *exceptions,
            *(f"{aligner.name}/{file}" for file in index),
        ]
        return [*(f"{REFERENCE}/{name}" for name in made), *self._contaminant_files()]

    def _contaminant_files(self) -> list[str]:
        if not self.experiment.quality.contaminants:
            return []
        index = [*self.aligner.index_files, *self.aligner.beside_index]
        made = [*OF_CONTAMINANTS, *(f"index/{file}" for file in index)]
        return [f"{CONTAMINANTS}/{name}" for name in made]

    def origin_of_sample(self, sample: str) -> PlannedOrigin:
        """Say what a sample is made from, as it is written down beside its alignments."""
        return planned_origin(self.experiment.lanes[sample], self.experiment.settings)

    @property
    def with_reads(self) -> list[str]:
        """The samples that have their reads; of the others what was made is gone on from."""
        archived = self.experiment.archived
        return [sample for sample in self.experiment.lanes if sample not in archived]

    def sample_of_line(self, cell_line: str) -> str:
        """Name a line's first sample that has its reads, or else its first."""
        samples = self.experiment.samples
        of_line = samples.loc[samples["cell_line"] == cell_line, "sample"].tolist()
        with_reads = (sample for sample in of_line if sample not in self.experiment.archived)
        return next(with_reads, of_line[0])
