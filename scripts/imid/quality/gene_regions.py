"""Where genes lie, for what is measured of alignments: exons, introns, whole transcripts.

Made once from an annotation. Strands are not kept apart: what is measured here tells of RNA, DNA
and its decay, and a gene that another one covers on the other strand is left out where it matters.
"""

import zipfile
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from imid.counting.annotation import (
    MINUS,
    POSITION_BITS,
    UNNAMED,
    UNSTRANDED,
    Exons,
    decoded,
    gene_lengths,
    merge_intervals,
    numbered,
    splice_sites,
)
from imid.shared.files import written
from imid.shared.problems import InputError

FORMAT = "imid-rnaseq gene regions 1"
# What a stretch is where it is no exon of one gene alone.
SEVERAL, INTRON, INTERGENIC = -1, -2, -3
# Transcripts shorter than this are mostly ends: of a fragment's length from either of them the
# coverage must fall.
LONG = 1000
# Odd, and of no pattern: so multiplied and added, two numbers make one that hardly any others do.
MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


@dataclass(frozen=True)
class GeneRegions:
    """What lies where, as flat arrays; places as in `cigars.Intervals`.

    Attributes
    ----------
    contigs : ndarray of str
        In the order of their numbers in places.
    step : ndarray of int64, shape (steps,)
        Where each stretch begins, ascending.
    gene : ndarray of int32, shape (steps,)
        The gene whose exon it is, or `SEVERAL` genes', `INTRON` (between exons of a gene, and no
        other's exon), `INTERGENIC`.
    length : ndarray of int64, shape (genes,)
        Bases that any exon of the gene covers.
    intron_start, intron_end : ndarray of int64, shape (introns,)
        Of all transcripts, each once.
    exon_start, exon_end : ndarray of int64, shape (body exons,)
        Exons of the bodies, ascending. A body is the one transcript of a gene that has no other
        and shares no exon's place with another gene, of `LONG` bases at least.
    exon_body : ndarray of int32, shape (body exons,)
        Of which body.
    exon_before : ndarray of int64, shape (body exons,)
        Where it begins when all bodies are laid end to end.
    body_start : ndarray of int64, shape (bodies + 1,)
        Where bodies begin in that row, and where the last ends.
    body_minus : ndarray of bool, shape (bodies,)
        Whether the body is read from right to left.
    """

    contigs: np.ndarray
    step: np.ndarray
    gene: np.ndarray
    length: np.ndarray
    intron_start: np.ndarray
    intron_end: np.ndarray
    exon_start: np.ndarray
    exon_end: np.ndarray
    exon_body: np.ndarray
    exon_before: np.ndarray
    body_start: np.ndarray
    body_minus: np.ndarray

    def on_contigs(self, contigs: list[str]) -> "GeneRegions":
        """Give the same with places on the contigs of alignments; the rest is left out.

        Raises
        ------
        InputError
            Where they have none in common.
        """
        number = {contig: index for index, contig in enumerate(contigs)}
        matched = np.array([number.get(contig, -1) for contig in self.contigs.tolist()], np.int64)
        if (matched == -1).all():
            raise InputError(
                [
                    "alignments and annotation have no contig in common:"
                    f" {', '.join(contigs[:3])} … and {', '.join(self.contigs[:3].tolist())} …"
                ]
            )

        def renumbered(places: np.ndarray) -> np.ndarray:
            contig = matched[places >> POSITION_BITS]
            position = places & ((1 << POSITION_BITS) - 1)
            return np.where(contig >= 0, (contig << POSITION_BITS) + position, -1)

        def sorted_by(place: str, *columns: str) -> dict[str, np.ndarray]:
            at = renumbered(getattr(self, place))
            order = np.argsort(at, kind="stable")[(at < 0).sum() :]
            chosen = {name: getattr(self, name)[order] for name in columns}
            ends = {name: renumbered(values) for name, values in chosen.items() if "_end" in name}
            return {place: at[order], **chosen, **ends}

        steps = sorted_by("step", "gene")
        return GeneRegions(
            **{
                **{field.name: getattr(self, field.name) for field in fields(self)},
                "contigs": np.array(contigs),
                # Before the first contig that has genes there are none.
                "step": np.concatenate([[-1], steps["step"]]),
                "gene": np.concatenate([[INTERGENIC], steps["gene"]]).astype(np.int32),
                **sorted_by("intron_start", "intron_end"),
                **sorted_by("exon_start", "exon_end", "exon_body", "exon_before"),
            }
        )

    def step_of(self, place: np.ndarray) -> np.ndarray:
        """Find the stretch that each place lies in."""
        return np.searchsorted(self.step, place, side="right") - 1

    @cached_property
    def exonic_before(self) -> np.ndarray:
        """Bases in exons before each stretch."""
        return self._bases_before(self.gene >= SEVERAL)

    @cached_property
    def intronic_before(self) -> np.ndarray:
        """Bases in introns before each stretch."""
        return self._bases_before(self.gene == INTRON)

    def _bases_before(self, is_such: np.ndarray) -> np.ndarray:
        size = np.diff(self.step, append=self.step[-1]) * is_such
        return np.cumsum(size) - size

    @cached_property
    def introns(self) -> np.ndarray:
        """All introns as one sorted number each, to look others up in."""
        return np.sort(mixed(self.intron_start, self.intron_end))


def mixed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Make one number of two, so that equal ones mean equal pairs in all likelihood."""
    number = one.astype(np.uint64) * MIXERS[0] + other.astype(np.uint64) * MIXERS[1]
    # Products of numbers with the same last bits end alike: the upper half is brought down.
    return (number ^ (number >> np.uint64(29))) * MIXERS[0]


def find_regions(exons: Exons) -> GeneRegions:
    """Lay out where the genes of an annotation lie.

    Parameters
    ----------
    exons : Exons
        Of the annotation.

    Returns
    -------
    GeneRegions
    """
    locus, (gene, contig, strand) = numbered(exons.gene, exons.contig, exons.strand)
    merged, start, end = merge_intervals(locus, exons.start, exons.end)
    base = contig[merged].astype(np.int64) << POSITION_BITS
    start, end = base + start, base + end
    first = np.flatnonzero(np.diff(merged, prepend=-1))
    spans = start[first], np.maximum.reduceat(end, first)
    step, of_step = _steps(len(exons.contigs), gene[merged], start, end, *spans)
    at = np.searchsorted(step, start, side="right") - 1
    alone = (of_step[at] == gene[merged]) & (step[np.minimum(at + 1, len(step) - 1)] == end)
    one_place = np.bincount(gene)[gene] == 1
    chosen = np.flatnonzero(
        np.isin(gene, _single_transcripts(exons))
        & (one_place & (strand != UNSTRANDED))
        & (np.bincount(merged, alone) == np.bincount(merged))
        & (np.bincount(merged, end - start) >= LONG)
    )
    return GeneRegions(
        np.array([decoded(name) for name in exons.contigs]),
        step,
        of_step,
        gene_lengths(exons),
        *_introns(exons),
        **_lay_out(chosen, merged, start, end, strand),
    )


def _introns(exons: Exons) -> tuple[np.ndarray, np.ndarray]:
    """List the introns of all transcripts, each once, whatever its strand."""
    found = {
        (exons.contigs[contig.encode()], left + 1, right)
        for contig, left, right, _ in splice_sites(exons)
    }
    contig, start, end = np.array(sorted(found), np.int64).reshape(-1, 3).T
    return (contig << POSITION_BITS) + start, (contig << POSITION_BITS) + end


def _steps(
    contigs: int,
    gene: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    span_start: np.ndarray,
    span_end: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the genome where exons or genes begin or end, and say what each part is."""
    bases = np.arange(contigs) << POSITION_BITS
    step = np.unique(np.concatenate([bases, start, end, span_end]))

    def along(first: np.ndarray, last: np.ndarray, value: np.ndarray | int) -> np.ndarray:
        change = np.zeros(len(step), np.int64)
        np.add.at(change, np.searchsorted(step, first), value)
        np.subtract.at(change, np.searchsorted(step, last), value)
        return np.cumsum(change)

    exons, spans = along(start, end, 1), along(span_start, span_end, 1)
    of_step = np.select(
        [exons == 1, exons > 1, spans > 0], [along(start, end, gene), SEVERAL, INTRON], INTERGENIC
    )
    return step, of_step.astype(np.int32)


def _single_transcripts(exons: Exons) -> np.ndarray:
    """List the genes of one transcript, which has a name and is of no other gene."""
    gene, transcript = np.unique(np.stack([exons.gene, exons.transcript]), axis=1)
    of_gene, of_transcript = np.bincount(gene), np.bincount(transcript + 1)
    named = ~np.isin(transcript, [-1, exons.transcripts.get(UNNAMED, -1)])
    return gene[named & (of_gene[gene] == 1) & (of_transcript[transcript + 1] == 1)]


def _lay_out(
    chosen: np.ndarray, merged: np.ndarray, start: np.ndarray, end: np.ndarray, strand: np.ndarray
) -> dict[str, np.ndarray]:
    """Lay the chosen transcripts end to end."""
    body = np.full(len(strand), -1, np.int32)
    body[chosen] = np.arange(len(chosen))
    kept = np.flatnonzero(body[merged] >= 0)
    body, start, end = body[merged[kept]], start[kept], end[kept]
    size = end - start
    order = np.argsort(start, kind="stable")
    columns = {
        "exon_start": start,
        "exon_end": end,
        "exon_body": body,
        "exon_before": np.cumsum(size) - size,
    }
    of_body = np.bincount(body, size, minlength=len(chosen)).astype(np.int64)
    return {
        **{name: values[order] for name, values in columns.items()},
        "body_start": np.concatenate([[0], np.cumsum(of_body)]),
        "body_minus": strand[chosen] == MINUS,
    }


def write_regions(regions: GeneRegions, path: Path) -> None:
    """Keep regions in a file."""
    with written(path) as temporary, temporary.open("wb") as file:
        np.savez(file, format=np.array(FORMAT), **asdict(regions))


def read_regions(path: Path) -> GeneRegions:
    """Read regions from a file; `InputError` where it is damaged or of another version."""
    try:
        with np.load(path) as file:
            if str(file["format"]) != FORMAT:
                raise ValueError("another format")
            return GeneRegions(**{field.name: file[field.name] for field in fields(GeneRegions)})
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            [f"{path}: no regions for this version; remove it, and the next run makes it anew"]
        ) from error
