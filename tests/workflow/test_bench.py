"""What takes hours at its full size is run at a small one, so that it runs at all when asked to."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

BENCH = Path(__file__).parents[1] / "bench"


def test_each_program_of_an_alignment_is_measured_and_its_share_of_the_aligners(tmp_path):
    output = tmp_path / "align.tsv"
    size = ["--pairs", "4000", "--contig-length", "100000"]
    command = [sys.executable, BENCH / "align.py", *size, "--output", output]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with output.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    slopes = {
        row["subject"]: float(row["value"])
        for row in rows
        if row["figure"] == "cpu beyond start-up"
    }
    parts = ["STAR", "FASTQ", "fastp", "relaying", "counting", "sorting", "step itself", "all but"]
    assert len(slopes) == len(parts)
    for part, subject in zip(parts, slopes, strict=True):
        assert part in subject
    whole = slopes.pop("all but STAR")
    star = slopes.pop("STAR")
    # Written with three digits each.
    assert whole == pytest.approx(sum(slopes.values()), abs=0.02 * sum(map(abs, slopes.values())))
    share = {row["subject"]: row["value"] for row in rows if row["figure"] == "share of STAR's"}
    assert float(share["all but STAR"]) == pytest.approx(100 * whole / star, rel=0.02, abs=0.1)
    peaks = [float(row["value"]) for row in rows if row["figure"].startswith("peak memory")]
    assert len(peaks) == len(parts) - 1
    assert min(peaks) > 2
