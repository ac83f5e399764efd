"""What an aligner is to the workflow: all that is asked of a program that aligns reads.

One module is one aligner. It is called as the config calls it, ``star`` or ``hisat2``, has a class
that answers all that `Aligner` asks, and one of that class as ``ALIGNER``. `aligners` lists them.
"""

import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imid.shared.problems import InputError
from imid.shared.streams import PipeEnd


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """What an aligner is to align.

    Attributes
    ----------
    index : Path
        What `Aligner.built_index` or `Aligner.prebuilt_index` calls the index.
    first, second : sequence of Path or PipeEnd
        The mates' files or pipes, not compressed, lane by lane; `second` is empty for single-end
        reads. Of pipes there is one for each mate.
    sample : str
        To be named in the read group.
    threads : int
        Threads to use.
    scratch : Path
        A folder for the aligner's own files, `Aligner.reports` among them.
    annotation : Path
        The GTF.
    splice_sites : Path
        Known splice sites: contig, left, right, strand.
    strandedness : {"no", "yes", "reverse"}
        Of the library; ``no`` before it is known.
    """

    index: Path
    first: Sequence[object]
    second: Sequence[object]
    sample: str
    threads: int
    scratch: Path
    annotation: Path
    splice_sites: Path
    strandedness: str = "no"


@dataclass(frozen=True, kw_only=True)
class IndexBuild:
    """What an index is to be built from.

    Attributes
    ----------
    fasta : Path
        The genome, not compressed.
    length : int
        Its bases.
    annotation : Path, optional
        The GTF, where `Aligner.index_is_annotated`.
    folder : Path
        Where the index is to be; empty.
    threads : int
        Threads to use.
    memory : int
        What the job has, in MB.
    """

    fasta: Path
    length: int
    annotation: Path | None
    folder: Path
    threads: int
    memory: int


@dataclass(frozen=True)
class BuiltFrom:
    """What an index says it was built from.

    Attributes
    ----------
    lengths : dict of str to int
        Bases of each contig, in the order of the index.
    genes : frozenset of str, optional
        Ids of the genes that it was told of; unknown where it was told of none.
    exons : int, optional
        How many exon lines they had.
    """

    lengths: dict[str, int]
    genes: frozenset[str] | None = None
    exons: int | None = None


class Aligner(ABC):
    """A program that aligns reads to a genome, across introns.

    Attributes
    ----------
    name : str
        What the config calls it, and what its module is called.
    title : str
        What messages call it.
    programs : sequence of str
        What must be on the PATH. The first tells its version in the last word of the first line
        that it writes when it is asked for its ``--version``.
    writes_bam : bool
        Whether alignments come as uncompressed BAM, or else as SAM.
    reports : sequence of str
        The files that it leaves in its scratch folder and that are kept.
    summary : str, optional
        The one of them of which MultiQC makes something, if it knows this aligner.
    index_files : sequence of str
        All files of an index that the workflow builds, in the index's folder.
    beside_index : sequence of str
        What it leaves in that folder besides, and nobody reads.
    index_is_annotated : bool
        Whether an index is built with the annotation, or else with the genome alone.
    exceptions : str, optional
        The module that lists the genes for which the aligner's own counts are no witness.
    """

    name: str
    title: str
    programs: Sequence[str]
    writes_bam: bool
    reports: Sequence[str]
    index_files: Sequence[str]
    index_is_annotated: bool
    beside_index: Sequence[str] = ()
    summary: str | None = None
    exceptions: str | None = None

    # Aligning

    @abstractmethod
    def command(self, alignment: Alignment) -> list[object]:
        """Put together the command that writes name-collated alignments to its standard output.

        Secondary alignments of a read, and reads that it does not align, are among them.

        Returns
        -------
        list of str or PipeEnd
        """

    @abstractmethod
    def total(self, folder: Path) -> int:
        """Read how many reads or pairs it says it got, and see that its reports are whole.

        Parameters
        ----------
        folder : Path
            With its `reports`.

        Raises
        ------
        ContentError
            Where one is cut off.
        """

    @abstractmethod
    def memory(self, index: Path) -> int:
        """Say what a job needs that aligns with an index and sorts, in MB."""

    def check_counts(
        self, counts: dict[str, int], reports: Path, strandedness: str, exceptions: Sequence[str]
    ) -> str | None:
        """Hold counts against those that the aligner made itself, if it makes some.

        Parameters
        ----------
        counts : dict of str to int
            By gene and counter.
        reports : Path
            The sample's folder of reports.
        strandedness : {"no", "yes", "reverse"}
            That was counted with.
        exceptions : sequence of str
            The genes that the module `exceptions` lists.

        Returns
        -------
        str or None
            How far they agree; None where there is nothing to hold them against.

        Raises
        ------
        InputError
            Where they should agree and do not.
        """
        return None

    # Its index

    @abstractmethod
    def index_command(self, build: IndexBuild) -> list[object]:
        """Put together the command that builds an index."""

    @abstractmethod
    def index_memory(self, fasta: Path) -> int:
        """Say what a job needs that builds an index of a genome, in MB."""

    @abstractmethod
    def built_index(self, folder: str) -> str:
        """Say what `command` is given of an index that the workflow builds in a folder."""

    @abstractmethod
    def prebuilt_index(self, name: str, directory: Path) -> tuple[str, list[str]]:
        """Say what `command` is given of an index that the user names, and what there is of it.

        Parameters
        ----------
        name : str
            As the user names it.
        directory : Path
            What a relative name starts from.

        Returns
        -------
        index : str
            What `command` is given.
        parts : list of str
            The index's folder, or its files.
        """

    @abstractmethod
    def is_index(self, path: Path) -> bool:
        """Tell whether a folder, or what files' names begin with, is of an index of this aligner.

        It may be damaged, or not be named as it should.
        """

    @abstractmethod
    def inspect_index(self, path: Path) -> BuiltFrom | None:
        """Look into a prebuilt index.

        Returns
        -------
        BuiltFrom or None
            None where it is whole, but does not tell what it was built from.

        Raises
        ------
        ContentError
            If it is missing, incomplete, damaged, or of a version that is no longer read.
        """


def load(name: str) -> Aligner:
    """Load one aligner, and no other: a step depends on the one that it runs.

    A rule that runs such a step names the module in its digest of code.

    Parameters
    ----------
    name : str
        As the config calls it.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    module = f"imid.reads.{name}"
    if name.isidentifier() and importlib.util.find_spec(module):
        loaded = getattr(importlib.import_module(module), "ALIGNER", None)
        if loaded:
            return loaded
    raise InputError([f"{name}: is no aligner"])


# What several of them need


def gigabytes(path: Path) -> float:
    """Give the size of a file, or of what lies in a folder; 0 before it is made."""
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files) / 1e9


def has_content(path: Path) -> bool:
    """Tell whether there is such a file, and something in it."""
    return path.is_file() and path.stat().st_size > 0


def text_of(path: Path) -> str:
    """Read a report; an absent one is empty."""
    return path.read_text() if path.exists() else ""


def lane_list(files: Sequence[object]) -> object:
    """Name the lanes of one mate, as most aligners take them."""
    return files[0] if len(files) == 1 else ",".join(map(str, files))


def command_words(command: Sequence[object]) -> list[object]:
    """Make a command of words; who starts the program hands it its ends of pipes."""
    return [word if isinstance(word, PipeEnd) else str(word) for word in command]
