"""What the configuration says of the samples' quality.

Apart from `settings`, an edit of which aligns all samples anew: what is measured of a sample, and
what decides, never changes what it is made of.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SpikeIns:
    """RNA of which each sample was given the same amount.

    Attributes
    ----------
    pattern : str
        A regular expression that is found in the id or the name of each, and of no other gene.
    normalize : bool
        Whether they alone make samples comparable.
    """

    pattern: str
    normalize: bool


@dataclass(frozen=True)
class Quality:
    """What decides whether a sample can be trusted: the block ``qc``.

    Attributes
    ----------
    bounds : dict of str to dict
        By figure: warn and fail in place of those of ``resources/sample_figures.tsv``; None for
        no bound.
    stop_on : list of str
        Figures of which a failure stops the run.
    sites : str or None
        A VCF or BED of the sites at which samples are compared; None: those found in them.
    stroma : list of str
        Cell lines that are no myeloma, and have no transcripts of plasma cells.
    contaminants : dict of str to str
        FASTA files of foreign sequences by their names, which reads without a place in the genome
        are held against.
    spike_ins : SpikeIns or None
        None where there are none.
    """

    bounds: dict[str, dict[str, float | None]] = field(default_factory=dict)
    stop_on: list[str] = field(default_factory=list)
    sites: str | None = None
    stroma: list[str] = field(default_factory=list)
    contaminants: dict[str, str] = field(default_factory=dict)
    spike_ins: SpikeIns | None = None
