"""Strandedness: found, or refused, once for each cell line before any sample is aligned."""

import csv
import gzip
import json

import pytest

from imid.synthetic import make_synthetic
from running import ROOT, completed, copy_experiment, edit, ended, snakemake

pytestmark = pytest.mark.workflow

FINDINGS = [f"results/strandedness/{line}.json" for line in ["MM1S", "MM1S_res"]]


@pytest.fixture(scope="module")
def two_lines(tmp_path_factory):
    """Few reads of both cell lines: nine samples each, of the strandedness reverse."""
    directory = tmp_path_factory.mktemp("lines") / "experiment"
    plan = ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(directory)]
    make_synthetic.main([*plan, "--fragments", "1500"])
    return directory


@pytest.fixture
def experiment(two_lines, tmp_path):
    return copy_experiment(two_lines, tmp_path / "experiment")


def exchange_mates(experiment, samples):
    """Give some samples reads of the opposite strandedness: their mates change places."""
    sheet = experiment / "config/samples.tsv"
    rows = list(csv.DictReader(sheet.open(), delimiter="\t"))
    for row in rows:
        if row["sample"] in samples:
            row["fastq_1"], row["fastq_2"] = (
                renamed(experiment, row[mate], number)
                for mate, number in [("fastq_2", 1), ("fastq_1", 2)]
            )
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    sheet.write_text("".join("\t".join(line) + "\n" for line in lines))


def renamed(experiment, name, mate):
    """Write a copy of a FASTQ file whose reads say that they are the other mates."""
    text = gzip.decompress((experiment / name).read_bytes()).decode()
    other = text.replace(f" {3 - mate}:N", f" {mate}:N").replace(f"/{3 - mate}\n", f"/{mate}\n")
    target = f"exchanged/{name.split('/')[-1]}"
    (experiment / target).parent.mkdir(exist_ok=True)
    (experiment / target).write_bytes(gzip.compress(other.encode()))
    return target


def test_a_wrong_setting_is_told_once_a_line_and_no_sample_begins(experiment):
    edit(experiment / "config/config.yaml", "strandedness: reverse", 'strandedness: "yes"')
    run = snakemake(experiment)
    assert run.returncode == 1
    told = run.stdout + run.stderr
    for line in ["MM1S", "MM1S_res"]:
        problem = f"cell line {line}, first reads of sample {line}_dmso_1: of "
        assert told.count(f"  | config, strandedness: {problem}") == 1
    assert told.count("strandedness is 'reverse', configured is 'yes'; set it to 'reverse'") == 2
    assert "strandedness" in ended(run)
    assert "align" not in ended(run)
    assert not list((experiment / "results").glob("samples/*"))


@pytest.mark.parametrize("aligner", ["star", "hisat2"])
def test_auto_finds_each_lines_own(experiment, aligner):
    """One line reverse, the other yes, whose mates are exchanged."""
    exchange_mates(experiment, {"MM1S_res_dmso_1"})
    edit(experiment / "config/config.yaml", "strandedness: reverse", "strandedness: auto")
    edit(experiment / "config/config.yaml", "aligner: star", f"aligner: {aligner}")
    samples = ["MM1S_dmso_2", "MM1S_res_dmso_1"]
    counts = [f"results/samples/{sample}/counts.tsv" for sample in samples]
    completed(snakemake(experiment, *counts))
    found = [json.loads((experiment / finding).read_text()) for finding in FINDINGS]
    assert [finding["strandedness"] for finding in found] == ["reverse", "yes"]
    assert "found in the first reads of MM1S_dmso_1 (auto)" in found[0]["message"]
    for path in counts:
        rows = [line.split("\t") for line in (experiment / path).read_text().splitlines()[1:]]
        genes = sum(int(count) for gene, count in rows if not gene.startswith("__"))
        assert genes > 0.7 * sum(int(count) for _, count in rows)


@pytest.mark.parametrize("aligner", ["star", "hisat2"])
def test_auto_finds_an_unstranded_line(experiment, aligner):
    """Half of the first sample's reads are of one strand, half of the other."""
    sheet = experiment / "config/samples.tsv"
    rows = [line.split("\t") for line in sheet.read_text().splitlines()]
    lane = next(row for row in rows if row[0] == "MM1S_dmso_2")
    exchange_mates(experiment, {"MM1S_dmso_2"})
    rows = [line.split("\t") for line in sheet.read_text().splitlines()]
    other = next(row for row in rows if row[0] == "MM1S_dmso_2")
    for first, second in zip(lane[-2:], other[-2:], strict=True):
        reads = [gzip.decompress((experiment / name).read_bytes()) for name in (first, second)]
        head = [b"\n".join(text.split(b"\n")[:4000]) + b"\n" for text in reads]
        (experiment / second).write_bytes(gzip.compress(b"".join(head)))
    # Now the first sample of its line.
    rows = [rows[0], other, *(row for row in rows[1:] if row is not other)]
    sheet.write_text("".join("\t".join(row) + "\n" for row in rows))
    edit(experiment / "config/config.yaml", "strandedness: reverse", "strandedness: auto")
    edit(experiment / "config/config.yaml", "aligner: star", f"aligner: {aligner}")
    completed(snakemake(experiment, FINDINGS[0]))
    found = json.loads((experiment / FINDINGS[0]).read_text())
    assert (found["strandedness"], found["sample"]) == ("no", "MM1S_dmso_2")


def test_a_sample_that_differs_from_its_line_is_named_and_kept(experiment):
    exchange_mates(experiment, {"MM1S_dmso_3"})
    checks = "results/samples/MM1S_dmso_3/checks.json"
    run = snakemake(experiment, checks)
    assert run.returncode == 1
    told = run.stdout + run.stderr
    assert "sample MM1S_dmso_3: its reads are of another strandedness than those of MM1S" in told
    kept = {path.name for path in (experiment / checks).parent.iterdir()}
    assert kept == {"aligned.bam", "aligned.bam.bai", "counts.tsv", "reports"}
    # A second run begins with the check alone.
    assert ended(snakemake(experiment, checks)) == ["cross_check"]
