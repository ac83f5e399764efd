"""The workflow killed again and again, whatever it is at: what comes out is what a quiet run makes.

Whole process groups are killed, as a machine that loses power ends them, at moments drawn at
random.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from running import ROOT, completed, copy_experiment, snakemake

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("KILLS", "12"))
# Seconds from Snakemake's start; the first jobs begin after about three.
SHORTEST, LONGEST = 3.0, 25.0
# Dates, temporary names, command lines and times; alignments are in no order of several threads.
NOT_COMPARED = [
    *["results/provenance.json", "results/report.html", "results/qc/resources.tsv"],
    *["results/qc/multiqc*", "results/qc/multiqc_data/*", "results/samples/*/reports/*"],
    *["results/samples/*/aligned.bam*", "results/reference/star/Log.out"],
]


def killed_after(directory: Path, seconds: float) -> bool:
    """Start a run and kill it with all that it started; tell whether it was still at work."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow/Snakefile")]
    run = subprocess.Popen(
        [*command, "--directory", str(directory), "--cores", "2"],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        run.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return True


def checksums(directory: Path) -> dict[str, str]:
    """Digest what a run publishes."""
    paths = [path for path in (directory / "results").rglob("*") if path.is_file()]
    named = {path.relative_to(directory): path for path in paths}
    # Of each job, when it was done.
    names = {n: path for n, path in named.items() if not n.is_relative_to("results/provenance")}
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not any(name.match(pattern) for pattern in NOT_COMPARED)
    }


def test_a_run_that_is_killed_again_and_again_makes_what_a_quiet_one_makes(
    small_synthetic, tmp_path
):
    quiet = copy_experiment(small_synthetic, tmp_path / "quiet")
    killed = copy_experiment(small_synthetic, tmp_path / "killed")
    completed(snakemake(quiet))

    moments = random.Random(7)
    kills = 0
    for _ in range(KILLS):
        kills += killed_after(killed, moments.uniform(SHORTEST, LONGEST))
        completed(snakemake(killed, "--unlock"))
    completed(snakemake(killed))

    assert kills >= 3
    made, expected = checksums(killed), checksums(quiet)
    assert {name for name in made if made[name] != expected.get(name)} == set()
    assert made.keys() == expected.keys()
