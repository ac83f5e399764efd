"""The settings: what the configuration says, defaults filled in.

The schema of the configuration says what each setting means, what it may be, and what it is where
it is left out. Only what nothing but a user can say has a default here, which stands for "not
said": of a checked experiment all that it needs is said.
"""

from dataclasses import dataclass, field

from imid.question.contrasts import Contrast
from imid.question.samples import Exclusion


@dataclass(frozen=True)
class Reference:
    """Genome and annotation, and an index of the genome that was built before."""

    index: str | None
    fasta: str | None = None
    gtf: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """Those that the configuration names, by fasta, gtf and index."""
        named = {"fasta": self.fasta, "gtf": self.gtf, "index": self.index}
        return {key: name for key, name in named.items() if name}


@dataclass(frozen=True)
class Differential:
    """The model, what is compared, and what counts as significant."""

    design: str
    covariates: dict[str, str]
    reference: str
    inference: str
    fdr: float
    log2_fold_change: float
    test: str
    contrasts: list[Contrast] = field(default_factory=list)

    @property
    def slopes(self) -> list[str]:
        """The covariates whose effect grows with their number."""
        return [name for name, kind in self.covariates.items() if kind == "slope"]


@dataclass(frozen=True)
class Settings:
    """All settings.

    Attributes
    ----------
    samples : str
        The sample sheet.
    cell_lines : list of str or None
        Those to analyse; None for all.
    exclude : list of Exclusion
        Samples to leave out.
    counts : str or None
        A count matrix in place of reads.
    reference : Reference
    aligner : str
        By its name in the list of aligners.
    trim : bool
    adapters : str or list of str
        What is cut off, as `trimming` takes it.
    stall_minutes : float
    strandedness : {"no", "yes", "reverse", "auto"} or None
        None where there are no reads.
    count_engine : {"fast", "htseq"}
    differential : Differential
    gene_sets : dict of str to str
        Files by the name of their collection.
    targets : str
        The target panel.
    """

    cell_lines: list[str] | None
    exclude: list[Exclusion]
    counts: str | None
    reference: Reference
    aligner: str
    trim: bool
    adapters: str | list[str]
    stall_minutes: float
    count_engine: str
    differential: Differential
    gene_sets: dict[str, str]
    targets: str
    samples: str = ""
    strandedness: str | None = None

    @property
    def from_reads(self) -> bool:
        """Whether there are FASTQ files to start from, not a count matrix."""
        return self.counts is None

    @property
    def found_strandedness(self) -> bool:
        """Whether the strandedness is found from the reads."""
        return self.strandedness == "auto"
