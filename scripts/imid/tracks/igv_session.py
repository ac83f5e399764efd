"""A session of IGV: genome, annotation, coverage and alignments of all samples, and loci.

Its form is the XML that IGV itself saves (version 8 of it). What files are called in it is
relative to the folder that it lies in, so that the folder can be moved or shared whole.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

from imid.tracks.coverage import BOTH, MINUS, PLUS
from imid.tracks.target_loci import Locus

VERSION = "8"
# What IGV calls its own track of the genome's bases, and the panel at the bottom.
SEQUENCE, BOTTOM = "Reference sequence", "FeaturePanel"
# How a track's strand is told, and which tracks share a scale: those of one strand, all samples.
SIGNS = {PLUS: " +", MINUS: " −", BOTH: ""}
SCALES = {PLUS: "1", MINUS: "2", BOTH: "1"}
HEIGHT = "40"
# Beside a locus, of its length.
MARGIN = 0.1


@dataclass(frozen=True)
class ShownSample:
    """A sample as the session shows it.

    Attributes
    ----------
    name, treatment : str
    alignments : Path
        Its BAM, with its index beside it.
    tracks : dict of str to Path
        Its bigWigs by strand.
    """

    name: str
    treatment: str
    alignments: Path
    tracks: dict[str, Path]


def igv_session(
    session: Path,
    genome: Path,
    annotation: Path,
    samples: Sequence[ShownSample],
    colours: Mapping[str, str],
    loci: Sequence[Locus],
) -> ElementTree.ElementTree:
    """Put a session together.

    Parameters
    ----------
    session : Path
        The file that it is to be.
    genome : Path
        FASTA, with its index beside it.
    annotation : Path
        GTF, sorted and compressed, with its index beside it.
    samples : sequence of ShownSample
        In the order in which they are to be shown within their treatments.
    colours : mapping of str to str
        Of each treatment, ``#RRGGBB``, in the order in which they are to be shown.
    loci : sequence of Locus
        Regions of interest; the first is what is seen at first.

    Returns
    -------
    ElementTree
    """
    builder = _Session(session.parent, genome, loci)
    builder.resource(annotation, "Annotation")
    shown = [
        sample for treatment, sample in product(colours, samples) if sample.treatment == treatment
    ]
    for treatment, colour in colours.items():
        panel = builder.panel(treatment)
        for sample in shown:
            if sample.treatment == treatment:
                builder.coverage(panel, sample, _as_rgb(colour))
    for sample in shown:
        builder.alignments(sample, _as_rgb(colours[sample.treatment]))
    bottom = builder.panel(BOTTOM)
    builder.track(bottom, SEQUENCE, SEQUENCE)
    builder.track(bottom, builder.relative(annotation), "Annotation")
    builder.regions(loci)
    tree = ElementTree.ElementTree(builder.root)
    ElementTree.indent(tree)
    return tree


class _Session:
    """The elements of a session as they are added to it."""

    def __init__(self, folder: Path, genome: Path, loci: Sequence[Locus]) -> None:
        self.folder = folder
        self.root = ElementTree.Element(
            "Session",
            genome=self.relative(genome),
            hasGeneTrack="false",
            hasSequenceTrack="true",
            locus=_with_margin(loci[0]) if loci else "All",
            nextAutoscaleGroup=str(max(map(int, SCALES.values())) + 1),
            version=VERSION,
        )
        self.resources = ElementTree.SubElement(self.root, "Resources")

    def relative(self, file: Path) -> str:
        """Name a file as it is seen from the session's folder, on any system."""
        return Path(os.path.relpath(file, self.folder)).as_posix()

    def resource(self, file: Path, name: str) -> str:
        """Have a file loaded; give the id that its track has."""
        path = self.relative(file)
        ElementTree.SubElement(self.resources, "Resource", path=path, name=name)
        return path

    def panel(self, name: str) -> ElementTree.Element:
        """Open a panel below those before."""
        return ElementTree.SubElement(self.root, "Panel", name=name)

    def track(
        self, panel: ElementTree.Element, identity: str, name: str, **attributes: str
    ) -> None:
        """Show a track in a panel; without this, a file that is loaded is not seen."""
        ElementTree.SubElement(panel, "Track", id=identity, name=name, visible="true", **attributes)

    def coverage(self, panel: ElementTree.Element, sample: ShownSample, colour: str) -> None:
        """Show a sample's bigWigs, on one scale with those of the other samples."""
        for strand, file in sample.tracks.items():
            name = f"{sample.name}{SIGNS[strand]}"
            shown = {"color": colour, "altColor": colour, "height": HEIGHT, "autoScale": "true"}
            shown |= {"autoscaleGroup": SCALES[strand], "renderer": "BAR_CHART"}
            self.track(panel, self.resource(file, name), name, **shown, windowFunction="mean")

    def alignments(self, sample: ShownSample, colour: str) -> None:
        """Show a sample's alignments in a panel of their own, as IGV does."""
        path = self.resource(sample.alignments, sample.name)
        panel = self.panel(f"{sample.name} alignments")
        coverage = {"color": colour, "altColor": colour, "autoScale": "true"}
        self.track(panel, f"{path}_coverage", f"{sample.name} coverage", **coverage)
        collapsed = {"displayMode": "COLLAPSED", "experimentType": "RNA"}
        self.track(panel, path, f"{sample.name} alignments", **collapsed)

    def regions(self, loci: Sequence[Locus]) -> None:
        """List the loci as regions of interest, which IGV's Region Navigator goes to by name."""
        regions = ElementTree.SubElement(self.root, "Regions")
        for locus in loci:
            place = {"chromosome": locus.contig, "start": str(locus.start), "end": str(locus.end)}
            ElementTree.SubElement(regions, "Region", place, description=locus.name)


def _with_margin(locus: Locus) -> str:
    margin = int(MARGIN * (locus.end - locus.start))
    start = max(0, locus.start - margin)
    return locus._replace(start=start, end=locus.end + margin).shown


def _as_rgb(colour: str) -> str:
    """Write ``#0072B2`` as IGV does: ``0,114,178``."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
