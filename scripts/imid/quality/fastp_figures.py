"""What fastp's report says of the quality of a sample's reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imid.shared.json_files import read_json


@dataclass(frozen=True)
class FilteredReads:
    """How many reads, both mates, fastp kept, and why it left out others."""

    passed_filter_reads: int
    low_quality_reads: int
    too_many_N_reads: int  # noqa: N815 - fastp's own name
    too_short_reads: int
    too_long_reads: int = 0

    @property
    def all_reads(self) -> int:
        """All that fastp read."""
        kept = self.passed_filter_reads + self.too_long_reads + self.too_short_reads
        return kept + self.low_quality_reads + self.too_many_N_reads


@dataclass(frozen=True)
class BasesRead:
    """Shares of the bases of all reads."""

    q30_rate: float
    gc_content: float


@dataclass(frozen=True)
class BasesByStage:
    """The same before and after reads were trimmed."""

    before_filtering: BasesRead
    after_filtering: BasesRead


@dataclass(frozen=True)
class QualityCurves:
    """Qualities by cycle, of all bases."""

    mean: list[float]


@dataclass(frozen=True)
class ContentCurves:
    """Shares of bases by cycle."""

    GC: list[float]


@dataclass(frozen=True)
class CyclesRead:
    """What a mate's reads are by cycle."""

    quality_curves: QualityCurves
    content_curves: ContentCurves


@dataclass(frozen=True)
class FastpQuality:
    """What is read of fastp's report."""

    summary: BasesByStage
    filtering_result: FilteredReads
    read1_before_filtering: CyclesRead
    read2_before_filtering: CyclesRead | None = None


def fastp_figures(report: FastpQuality) -> dict[str, float]:
    """Give the figures of reads that fastp tells; a pair is left out as a whole."""
    filtered = report.filtering_result
    reads = max(filtered.all_reads, 1)
    return {
        "trimmed_away": 1 - filtered.passed_filter_reads / reads if filtered.all_reads else 0.0,
        "too_short": filtered.too_short_reads / reads,
        "low_quality": filtered.low_quality_reads / reads,
        "too_many_n": filtered.too_many_N_reads / reads,
        "q30": report.summary.before_filtering.q30_rate,
        "gc": report.summary.after_filtering.gc_content,
    }


def fastp_curves(report: FastpQuality) -> dict[str, list[float]]:
    """Give mean quality and GC by cycle of each mate, before trimming."""
    return {
        name: curve
        for mate, cycles in enumerate(_both_mates(report), start=1)
        for name, curve in [
            (f"quality_{mate}", cycles.quality_curves.mean),
            (f"gc_{mate}", cycles.content_curves.GC),
        ]
    }


def _both_mates(report: FastpQuality) -> Iterator[CyclesRead]:
    yield report.read1_before_filtering
    if report.read2_before_filtering:
        yield report.read2_before_filtering


def read_fastp(path: Path) -> FastpQuality:
    """Read fastp's report; raise `InputError` where it is not whole."""
    return read_json(path, FastpQuality)
