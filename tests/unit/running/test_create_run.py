"""A new run's folder, and the script in it that fetches a reference."""

import gzip
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from imid.inputs.experiment import load_experiment
from imid.running.create_run import create_run, main, sheet
from imid.shared.problems import InputError
from running import ROOT

GENOME, ANNOTATION = (
    "GRCh38.primary_assembly.genome.fa.gz",
    "gencode.v47.primary_assembly.annotation.gtf.gz",
)
GENE_SETS = "h.all.v2024.1.Hs.symbols.gmt"


@pytest.fixture
def run(tmp_path) -> Path:
    create_run(tmp_path / "my run", sheet(["MM1S", "MM1S_res"], 3))
    return tmp_path / "my run"


@pytest.fixture
def published(tmp_path) -> Path:
    """What GENCODE and MSigDB would give."""
    folder = tmp_path / "published"
    folder.mkdir()
    contents = {GENOME: gzip.compress(b">chr1\nACGT\n"), ANNOTATION: gzip.compress(b"chr1\tx\n")}
    sums = ""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        sums += f"{hashlib.md5(content).hexdigest()}  ./{name}\n"
    (folder / "MD5SUMS").write_text(sums)
    sets = "".join(f"HALLMARK_{number}\tlink\tMYC\tIRF4\n" for number in range(50))
    (folder / GENE_SETS).write_text(sets)
    return folder


def fetch(run, published, **environment):
    places = {place: published.as_uri() for place in ("GENCODE_FROM", "MSIGDB_FROM")}
    return subprocess.run(
        [run / "reference/fetch.sh"],
        env={**os.environ, **places, **environment},
        capture_output=True,
        text=True,
    )


def test_a_new_run_lacks_nothing_but_what_the_user_gives(run):
    with pytest.raises(InputError) as missing:
        load_experiment(
            [run / "config/config.yaml"],
            workflow_root=ROOT,
            working_directory=run,
            check_contents=True,
        )
    named = ("fastq_1", "fastq_2", "genome.fa.gz", "annotation.gtf.gz")
    assert all(any(name in problem for name in named) for problem in missing.value.problems)
    assert len(missing.value.problems) == 2 * 18 + 2


def test_a_folder_that_holds_something_is_left_alone(run, capsys):
    before = sorted(run.rglob("*"))
    with pytest.raises(InputError, match="not empty"):
        main([str(run)])
    assert sorted(run.rglob("*")) == before
    with pytest.raises(InputError, match="not empty"):
        main([str(run / "config/config.yaml")])


def test_it_says_what_comes_next(tmp_path, capsys):
    main([str(tmp_path / "run"), "--replicates", "2"])
    assert "a new run of 6 samples" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([str(tmp_path / "other"), "--replicates", "1"])
    assert not (tmp_path / "other").exists()


def test_the_reference_is_fetched_by_the_names_of_the_config(run, published):
    assert fetch(run, published).returncode == 0
    config = (ROOT / "config/config.yaml").read_text()
    for name in ("genome.fa.gz", "annotation.gtf.gz", "hallmark.gmt"):
        assert f"reference/{name}" in config
        assert (run / "reference" / name).exists()
    assert not [*(run / "reference").glob("*.part")]


def test_what_is_whole_is_not_fetched_again_and_what_was_cut_goes_on(run, published):
    fetch(run, published)
    content = (published / GENOME).read_bytes()
    genome = run / "reference/genome.fa.gz"
    kept = genome.stat().st_mtime_ns
    (published / GENOME).unlink()
    (run / "reference/annotation.gtf.gz").rename(run / "reference/annotation.gtf.gz.part")
    assert fetch(run, published).returncode == 0
    assert genome.stat().st_mtime_ns == kept

    (published / GENOME).write_bytes(content)
    genome.unlink()
    Path(f"{genome}.part").write_bytes(content[:9])
    assert fetch(run, published).returncode == 0
    assert genome.read_bytes() == content


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (GENOME, "was not the GRCh38"),
        (GENE_SETS, "no file of the 50 hallmark gene sets"),
        ("MD5SUMS", "is there such a release"),
    ],
)
def test_what_is_not_as_it_was_published_is_not_kept(run, published, damaged, told):
    (published / damaged).write_bytes(b"<html>not found</html>")
    ended = fetch(run, published)
    assert ended.returncode == 1
    assert told in ended.stderr
    kept = {GENOME: "genome.fa.gz", GENE_SETS: "hallmark.gmt", "MD5SUMS": "genome.fa.gz"}[damaged]
    assert not (run / "reference" / kept).exists()


def test_what_cannot_be_reached_is_named(run, published):
    (published / GENOME).unlink()
    ended = fetch(run, published)
    assert ended.returncode == 1
    assert f"Could not fetch {published.as_uri()}/{GENOME}" in ended.stderr


def test_without_curl_it_is_asked_for(run, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ["bash", "dirname"]:
        (programs / name).symlink_to(shutil.which(name))
    ran = fetch(run, tmp_path, PATH=str(programs))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "curl is needed, and is not on the PATH: install it, and run this again\n"


def test_a_folder_with_a_blank_is_told_as_a_shell_takes_it(tmp_path, capsys):
    main([str(tmp_path / "my run")])
    assert f"snakemake --directory '{tmp_path}/my run' --cores" in capsys.readouterr().out


def test_a_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    main(["~/run"])
    assert (tmp_path / "run/config/samples.tsv").exists()


@pytest.mark.parametrize(
    ("words", "ran"),
    [(["DIR=my run"], 'imid.running.create_run "my run"'), ([], "Name its folder: make new DIR=")],
)
def test_make_takes_the_folder_as_it_is_named(words, ran):
    planned = subprocess.run(
        ["make", "--dry-run", "--old-file=environment", "new", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran in planned.stdout + planned.stderr
    assert (planned.returncode == 0) == bool(words)
