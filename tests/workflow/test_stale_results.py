"""No result is stale without a word, and nothing is done anew for nothing.

The run whose jobs are planned here was never done: its results are empty files, which Snakemake
was told to take for made by today's files, settings and code. What it records of them is what it
records of a true run, and planning reads no more than that.
"""

import gzip
import os
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import yaml

from imid.shared.tables import read_table, write_table
from imid.synthetic import make_synthetic
from running import ROOT, completed, edit, planned, pretend, rules, snakemake

pytestmark = pytest.mark.workflow

MM1S, RESISTANT = "cell_lines/MM1S", "cell_lines/MM1S_res"
LINE, OTHER = f"results/{MM1S}", f"results/{RESISTANT}"
PAIRED = ("pomalidomide_vs_dmso", "lenalidomide_vs_dmso")
PAIR = ".against.".join(PAIRED)
PAGE = {"provenance", "report"}
GENE_SETS = "set\tabout\tENSG00000185811\tENSG00000137265\tENSG00000136997\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run from the reads of two cell lines, with gene sets."""
    directory = tmp_path_factory.mktemp("stale") / "experiment"
    plan = ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(directory)]
    make_synthetic.main([*plan, "--fragments", "300"])
    (directory / "sets.gmt").write_text(GENE_SETS)
    with (directory / "config/config.yaml").open("a") as config:
        config.write("gene_sets: {mine: sets.gmt}\n")
    return pretend(directory)


@pytest.fixture
def finished(run, tmp_path):
    """A copy of the run, to be edited."""
    return shutil.copytree(run, tmp_path / "experiment", symlinks=True)


@pytest.fixture(scope="module")
def counts_run(run, tmp_path_factory):
    """A run of one line from a count matrix with an annotation."""
    directory = tmp_path_factory.mktemp("counts") / "experiment"
    (directory / "config").mkdir(parents=True)
    config = yaml.safe_load((run / "config/config.yaml").read_text())
    for key in ["aligner", "trim", "strandedness", "gene_sets"]:
        del config[key]
    shutil.copy(run / "reference/annotation.gtf.gz", directory)
    config |= {"reference": {"gtf": "annotation.gtf.gz"}, "counts": "matrix.tsv"}
    config |= {"cell_lines": ["MM1S"]}
    (directory / "config/config.yaml").write_text(yaml.safe_dump(config))
    sheet = read_table(run / "config/samples.tsv")
    sheet = sheet.drop(columns=["fastq_1", "fastq_2"]).drop_duplicates("sample")
    write_table(sheet, directory / "config/samples.tsv")
    few = read_table(run / "truth/counts.tsv").set_index(["gene_id", "gene_name"])
    # Ten times as many, as they are counted and not as they are multiplied.
    rng = np.random.default_rng(0)
    counts = few.apply(lambda column: rng.poisson(10 * column))
    write_table(counts.reset_index(), directory / "matrix.tsv")
    return pretend(directory)


def aligned(jobs) -> list[str]:
    return sorted(names[0] for rule, *names in jobs if rule == "align")


def rewrite(path, content):
    """Replace a file by another one of an older date, as `cp -p` and `rsync -t` do."""
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (1e9, 1e9))


def exchange(sheet, sample, change):
    """Change the FASTQ files of a sample's rows of the sheet."""
    header, *lines = sheet.read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    own = [row for row in rows if row[0] == sample]
    for row, files in zip(own, change([row[-2:] for row in own]), strict=True):
        row[-2:] = files
    sheet.write_text("\n".join([header, *map("\t".join, rows), ""]))


def test_nothing_is_to_be_done_again(finished):
    assert not planned(finished)


def test_a_touched_file_redoes_nothing(finished):
    for folder in ["reads", "reference", "config"]:
        for path in (finished / folder).iterdir():
            os.utime(path)
    os.utime(finished / "sets.gmt")
    assert not planned(finished, "--max-checksum-file-size", "1000")


def test_files_moved_and_linked_redo_nothing_but_what_tells_their_names(finished):
    shutil.move(finished / "reads", finished / "elsewhere")
    (finished / "linked").mkdir()
    for path in (finished / "elsewhere").iterdir():
        (finished / "linked" / path.name).symlink_to(path)
    edit(finished / "config/samples.tsv", "reads/MM1S_dmso", f"{finished}/elsewhere/MM1S_dmso")
    edit(finished / "config/samples.tsv", "\treads/", "\tlinked/")
    shutil.move(finished / "reference/genome.fa.gz", finished / "genome.fa.gz")
    shutil.move(finished / "sets.gmt", finished / "other.gmt")
    edit(finished / "config/config.yaml", "reference/genome.fa.gz", "genome.fa.gz")
    edit(finished / "config/config.yaml", "sets.gmt", "other.gmt")
    assert rules(planned(finished)) == PAGE


def test_reads_replaced_by_older_ones_are_aligned(finished):
    for mate in (1, 2):
        reads = finished / f"reads/MM1S_dmso_2_L001_R{mate}.fastq.gz"
        records = gzip.decompress(reads.read_bytes()).splitlines(keepends=True)
        rewrite(reads, gzip.compress(b"".join(records[4:])))
    jobs = planned(finished)
    assert aligned(jobs) == ["MM1S_dmso_2"]
    assert ("fit", "cell_lines/MM1S") in jobs
    assert ("fit", "cell_lines/MM1S_res") not in jobs


@pytest.mark.parametrize(
    ("file", "redone", "left"),
    [
        ("genome.fa.gz", {"genome", "aligner_index", "align"}, {"annotation", "count_exceptions"}),
        ("annotation.gtf.gz", {"annotation", "gene_models", "aligner_index", "align"}, {"genome"}),
    ],
)
def test_a_reference_that_was_rewritten_is_prepared_again(finished, file, redone, left):
    path = finished / "reference" / file
    text = gzip.decompress(path.read_bytes())
    # One base, or one coordinate.
    other = text.replace(b"ACGT", b"ACGA", 1) if "fa" in file else text.replace(b"1\t", b"2\t", 1)
    rewrite(path, gzip.compress(other))
    jobs = planned(finished)
    assert redone <= rules(jobs)
    assert not rules(jobs) & left
    assert len(aligned(jobs)) == 18


def test_gene_sets_that_were_rewritten_are_tested_again(finished):
    rewrite(finished / "sets.gmt", GENE_SETS.replace("ENSG00000136997", "ENSG00000002586").encode())
    assert rules(planned(finished)) == {"enrichment", "contrast_figures"} | PAGE


def test_an_index_that_was_rewritten_is_aligned_to_again(run, tmp_path):
    directory = shutil.copytree(run, tmp_path / "experiment", symlinks=True)
    for folder in ["results", ".snakemake"]:
        shutil.rmtree(directory / folder)
    for name in ["genome.fa", "annotation.gtf"]:
        packed = (directory / f"reference/{name}.gz").read_bytes()
        (directory / name).write_bytes(gzip.decompress(packed))
    (directory / "index").mkdir()
    build = ["STAR", "--runMode", "genomeGenerate", "--genomeDir", directory / "index"]
    build += ["--genomeFastaFiles", directory / "genome.fa", "--genomeSAindexNbases", "8"]
    build += ["--sjdbGTFfile", directory / "annotation.gtf"]
    build += ["--outFileNamePrefix", directory / "build_"]
    subprocess.run(build, check=True, capture_output=True)
    edit(directory / "config/config.yaml", "gtf.gz}", "gtf.gz, index: index}")
    pretend(directory)
    shutil.move(directory / "index", directory / "moved")
    edit(directory / "config/config.yaml", "index: index", "index: moved")
    assert rules(planned(directory)) == PAGE
    suffix_array = directory / "moved/SA"
    rewrite(suffix_array, suffix_array.read_bytes()[:-1] + b"?")
    jobs = planned(directory)
    assert len(aligned(jobs)) == 18
    assert not rules(jobs) & {"genome", "annotation", "gene_models"}


def test_a_matrix_or_its_annotation_that_was_rewritten_is_read_again(counts_run, tmp_path):
    finished = shutil.copytree(counts_run, tmp_path / "experiment")
    for path in finished.glob("*.*"):
        os.utime(path)
    assert not planned(finished)
    matrix, annotation = finished / "matrix.tsv", finished / "annotation.gtf.gz"
    whole = matrix.read_text()
    header, first, *rows = whole.splitlines(keepends=True)
    rewrite(matrix, "".join([header, re.sub(r"\t\d+", "\t7", first, count=1), *rows]).encode())
    assert {"genes", "count_matrix", "fit"} <= rules(planned(finished))
    rewrite(matrix, whole.encode())
    assert not planned(finished)
    text = gzip.decompress(annotation.read_bytes())
    rewrite(annotation, gzip.compress(text.replace(b"1\t", b"2\t", 1)))
    assert {"annotated_genes", "genes", "count_matrix"} <= rules(planned(finished))


def test_mates_that_were_exchanged_are_aligned_again(finished):
    """Where the names of the reads do not tell which is which."""
    sample = "MM1S_dmso_2"
    for path in (finished / "reads").glob(f"{sample}_*"):
        text = gzip.decompress(path.read_bytes())
        path.write_bytes(gzip.compress(re.sub(rb" [12]:N:0:\w+\n", b"\n", text)))
    completed(snakemake(finished, "--touch", "--forceall"))
    assert not planned(finished)
    exchange(finished / "config/samples.tsv", sample, lambda lanes: [lane[::-1] for lane in lanes])
    assert aligned(planned(finished)) == [sample]


def test_lanes_in_another_order_are_aligned_again(finished):
    exchange(finished / "config/samples.tsv", "MM1S_dmso_1", lambda lanes: lanes[::-1])
    assert aligned(planned(finished)) == ["MM1S_dmso_1"]


def test_contrasts_in_another_order_redo_what_shows_them_in_order(finished):
    config = finished / "config/config.yaml"
    lines = config.read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if "name: lenalidomide_vs_dmso" in line)
    lines[place], lines[place + 1] = lines[place + 1], lines[place]
    config.write_text("".join(lines))
    jobs = planned(finished)
    assert {
        "targets",
        "activities",
        "verdict",
        "exports",
        "drug_comparison",
        "fit_figures",
    } <= rules(jobs)
    assert rules(jobs) >= PAGE
    assert not rules(jobs) & {"align", "fit", "contrast", "enrichment"}


# What README lists, by the job that makes it. In none of the groups is a job planned already
# because of another file of the group.
MADE = [
    {
        "results/samples/MM1S_dmso_1/aligned.bam": {"align", "MM1S_dmso_1"},
        "results/samples/MM1S_dmso_2/aligned.bam.bai": {"align", "MM1S_dmso_2"},
        "results/samples/MM1S_dmso_3/counts.tsv": {"align", "MM1S_dmso_3"},
        "results/samples/MM1S_lenalidomide_1/checks.json": {"cross_check", "MM1S_lenalidomide_1"},
        "results/samples/MM1S_lenalidomide_2/quality/alignments.json": {
            *("measure_alignments", "MM1S_lenalidomide_2")
        },
    },
    {
        f"{LINE}/contrasts/lenalidomide_vs_dmso.tsv": {"contrast", MM1S, "lenalidomide_vs_dmso"},
        f"{LINE}/contrasts/pomalidomide_vs_dmso.significant.tsv": {
            *("contrast", MM1S, "pomalidomide_vs_dmso")
        },
        f"{LINE}/contrasts/pomalidomide_vs_lenalidomide.json": {
            *("contrast", MM1S, "pomalidomide_vs_lenalidomide")
        },
        f"{OTHER}/warnings/fit.tsv": {"fit", RESISTANT},
        "results/qc/fates.tsv": {"sample_summary"},
    },
    {
        f"{LINE}/fit.h5ad": {"exports", MM1S},
        f"{OTHER}/tables.xlsx": {"exports", RESISTANT},
        f"{LINE}/figures/pca.svg": {"fit_figures", MM1S},
        f"{OTHER}/figures/heatmap.png": {"fit_figures", RESISTANT},
        f"{LINE}/figures/lenalidomide_vs_dmso.ma.png": {
            *("contrast_figures", MM1S, "lenalidomide_vs_dmso")
        },
        f"{LINE}/figures/{PAIR}.png": {"comparison_figures", MM1S, *PAIRED},
        f"{LINE}/enrichment/lenalidomide_vs_dmso.rnk": {
            *("enrichment", MM1S, "lenalidomide_vs_dmso")
        },
        "results/across/lenalidomide_vs_dmso.png": {"across_figures", "lenalidomide_vs_dmso"},
        "results/qc/multiqc.html": {"multiqc"},
    },
    {
        f"{LINE}/targets.tsv": {"targets", MM1S},
        f"{LINE}/activity_scores.tsv": {"activities", MM1S},
        f"{OTHER}/verdict.tsv": {"verdict", RESISTANT},
        f"{LINE}/sample_agreement.tsv": {"sample_agreement", MM1S},
        f"{LINE}/comparisons/{PAIR}.tsv": {"drug_comparison", MM1S, *PAIRED},
        f"{OTHER}/comparisons/{PAIR}.json": {"drug_comparison", RESISTANT, *PAIRED},
        "results/qc/reads.sha256": {"sample_summary"},
    },
    {
        f"{LINE}/tpm.tsv": {"count_matrix", MM1S},
        f"{OTHER}/design.tsv": {"fit", RESISTANT},
        "results/across/lenalidomide_vs_dmso.targets.tsv": {
            *("cell_line_comparison", "lenalidomide_vs_dmso")
        },
    },
    {f"{LINE}/samples.tsv": {"samples", MM1S}, "results/report.html": {"report"}},
    {"results/strandedness/MM1S.json": {"strandedness", "MM1S"}},
    {"results/reference/star/SAindex": {"aligner_index"}},
]


@pytest.mark.parametrize("made", MADE)
def test_what_was_deleted_is_made_again(finished, made):
    for file in made:
        (finished / file).unlink()
    jobs = [*map(set, planned(finished))]
    for job in made.values():
        assert job in jobs


def test_an_index_that_was_thrown_away_is_built_when_it_is_needed(finished):
    shutil.rmtree(finished / "results/reference/star")
    assert not planned(finished)


def test_another_spelling_of_a_number_redoes_no_contrast(finished):
    edit(finished / "config/config.yaml", "log2_fold_change: 1.0", "log2_fold_change: 1")
    assert rules(planned(finished)) <= PAGE


@pytest.mark.parametrize(("column", "old", "new"), [("replicate", "2", "9"), ("hours", "72", "48")])
def test_what_no_model_names_fits_nothing(finished, column, old, new):
    """It is told of the samples all the same."""
    sheet = finished / "config/samples.tsv"
    table = pd.read_csv(sheet, sep="\t", dtype=str, keep_default_na=False)
    table[column] = table[column].replace(old, new)
    table.to_csv(sheet, sep="\t", index=False)
    jobs = rules(planned(finished))
    assert {"metadata", "samples", "targets"} <= jobs
    assert not jobs & {"align", "count_matrix", "factors", "fit", "contrast", "enrichment"}


def test_a_blank_in_a_note_of_the_panel_redoes_nothing(finished):
    panel = (ROOT / "resources/targets.tsv").read_text()
    (finished / "panel.tsv").write_text(panel)
    with (finished / "config/config.yaml").open("a") as config:
        config.write("targets: panel.tsv\n")
    assert rules(planned(finished)) <= PAGE
    edit(finished / "panel.tsv", "Protein degraded", "Protein  degraded")
    assert rules(planned(finished)) <= PAGE
    edit(finished / "panel.tsv", "Protein  degraded", "Degraded")
    jobs = rules(planned(finished))
    assert "targets" in jobs
    assert not jobs & {"enrichment", "activities"}


def test_contrasts_taken_out_redo_what_tells_of_all(finished):
    config = finished / "config/config.yaml"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if "name: pomalidomide_vs_dmso" not in line))
    jobs = planned(finished)
    assert {"targets", "exports", "fit_figures", "report"} <= rules(jobs)
    assert not rules(jobs) & {"align", "fit", "contrast"}


def test_a_file_that_is_not_there_is_told_before_any_job(finished):
    (finished / "reference/genome.fa.gz").unlink()
    run = snakemake(finished, "--dry-run")
    assert run.returncode == 1
    assert "'reference/genome.fa.gz' does not exist" in run.stderr
