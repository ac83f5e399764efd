"""Results of a finished run that were deleted, cut or altered are made again, and told."""

import os
import re

import pytest

from running import completed, copy_experiment, planned, rules, snakemake

pytestmark = pytest.mark.workflow

LINE = "results/cell_lines/MM1S"
# One of each kind of result.
RESULTS = [
    "results/samples/MM1S_dmso_2/counts.tsv",
    "results/samples/MM1S_dmso_2/aligned.bam",
    "results/samples/MM1S_dmso_2/aligned.bam.bai",
    "results/samples/MM1S_dmso_2/checks.json",
    "results/reference/star/SAindex",
    "results/reference/star/sjdbList.out.tab",
    "results/reference/features.bin",
    "results/strandedness/MM1S.json",
    "results/samples/MM1S_dmso_2/quality/counts.json",
    "results/qc/samples.tsv",
    "results/qc/fates.tsv",
    "results/qc/multiqc.html",
    f"{LINE}/counts.tsv",
    f"{LINE}/fit.npz",
    f"{LINE}/metadata.tsv",
    f"{LINE}/contrasts/lenalidomide_vs_dmso.tsv",
    f"{LINE}/contrasts/lenalidomide_vs_dmso.json",
    f"{LINE}/targets.tsv",
    f"{LINE}/tables.xlsx",
    f"{LINE}/figures/heatmap.svg",
    f"{LINE}/figures/lenalidomide_vs_dmso.volcano.png",
    "results/across/lenalidomide_vs_dmso.tsv",
    "results/provenance.json",
    "results/report.html",
]
# What a folder of results holds is known as well.
PARTS = {
    "results/samples/MM1S_dmso_2/reports/balance.tsv": "results/samples/MM1S_dmso_2/reports",
    "results/qc/multiqc_data/multiqc_sources.txt": "results/qc/multiqc_data",
}
# Made on the way to results, and not missed while these are there.
NOT_MISSED = {f"{LINE}/metadata.tsv"}


@pytest.fixture
def finished(star_run, tmp_path):
    """A copy of the finished run, to be damaged."""
    return copy_experiment(star_run, tmp_path / "experiment", results=True)


def damage(path, change):
    """Change a file's bytes, and leave it the time that it had."""
    before = path.stat()
    path.write_bytes(change(path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut(content):
    return content[: len(content) // 2]


def altered(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def told(run) -> dict[str, str]:
    """Give what was told of each damaged result."""
    said = (
        r"^Warning: (results/\S+) was (cut|altered).* since its job ended: it is to be made again$"
    )
    return dict(re.findall(said, run.stderr, re.MULTILINE))


@pytest.mark.parametrize("change", [cut, altered])
def test_each_damaged_result_is_told_and_made_again(finished, change):
    for name in [*RESULTS, *PARTS]:
        damage(finished / name, change)
    run = completed(snakemake(finished, "--dry-run"))
    assert told(run).keys() == {*RESULTS, *PARTS.values()}
    assert {told(run)[name] for name in RESULTS} == {change.__name__}
    made = set(re.findall(r"results/[^\s,]+", "\n".join(re.findall(r"output: (.*)", run.stdout))))
    assert {*RESULTS, *PARTS.values()} <= made


def test_each_deleted_result_is_made_again(finished):
    for name in RESULTS:
        (finished / name).unlink()
    run = completed(snakemake(finished, "--dry-run"))
    missing = re.findall(r"reason: Missing output files: ([^;\n]*)", run.stdout)
    assert {*RESULTS} - NOT_MISSED <= set(", ".join(missing).split(", "))
    assert not told(run)


@pytest.mark.parametrize(
    ("name", "redone", "left"),
    [
        (f"{LINE}/targets.tsv", {"targets", "verdict", "report"}, {"contrast", "fit"}),
        (f"{LINE}/contrasts/lenalidomide_vs_dmso.tsv", {"contrast", "targets"}, {"fit", "align"}),
        (f"{LINE}/figures/heatmap.svg", {"fit_figures", "report"}, {"targets", "fit"}),
        ("results/strandedness/MM1S.json", {"strandedness", "align"}, {"gene_models"}),
    ],
)
def test_what_it_was_made_from_is_left_alone(finished, name, redone, left):
    damage(finished / name, altered)
    jobs = planned(finished)
    assert redone <= rules(jobs)
    assert not rules(jobs) & left
    assert not [job for job in jobs if "cell_lines/MM1S_res" in job]


def test_it_is_as_it_was_after_the_next_run(finished):
    name = f"{LINE}/figures/heatmap.svg"
    before = (finished / name).read_bytes()
    damage(finished / name, cut)
    assert told(completed(snakemake(finished))) == {name: "cut"}
    assert (finished / name).read_bytes() == before
    assert not planned(finished)


def test_what_the_user_changed_stays_if_snakemake_is_told_so(finished):
    name = f"{LINE}/targets.tsv"
    damage(finished / name, altered)
    completed(snakemake(finished, "--touch", "--force", name))
    assert not told(completed(snakemake(finished, "--dry-run")))


def test_without_leave_to_make_it_again_the_run_is_refused(finished):
    name = f"{LINE}/targets.tsv"
    damage(finished / name, altered)
    run = snakemake(finished, "--dry-run", "--workflow-profile", "none")
    assert run.returncode == 1
    assert told(run) == {name: "altered"}
    assert "--rerun-incomplete" in run.stdout + run.stderr
