import importlib.metadata
import json
import platform
import shutil
import subprocess

import pytest

from imid.report import write_provenance
from imid.report.write_provenance import git_commit
from imid.shared.run_warnings import write_warnings

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def git(tmp_path, monkeypatch):
    """Run git in a new checkout that knows no configuration but its own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "checkout"
    folder.mkdir()

    def run(*arguments):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        command = ["git", "-C", str(folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    run.folder = folder
    return run


@pytest.fixture
def checkout(git):
    """A checkout with one commit."""
    git("init", "--quiet")
    (git.folder / "Snakefile").write_text("rule all:\n")
    git("add", "Snakefile")
    git("commit", "--quiet", "--message", "first")
    return git


@needs_git
def test_a_clean_checkout_is_named_by_its_commit(checkout):
    assert git_commit(checkout.folder) == checkout("rev-parse", "HEAD")


@needs_git
@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_is_told(checkout, staged):
    (checkout.folder / "Snakefile").write_text("rule other:\n")
    if staged:
        checkout("add", "Snakefile")
    commit = checkout("rev-parse", "HEAD")
    assert git_commit(checkout.folder) == f"{commit}, with local changes"


@needs_git
def test_files_that_are_not_tracked_are_no_change(checkout):
    (checkout.folder / "results.tsv").write_text("x\n")
    assert git_commit(checkout.folder) == checkout("rev-parse", "HEAD")


@needs_git
def test_a_folder_below_the_checkout_will_do(checkout):
    (checkout.folder / "scripts").mkdir()
    assert git_commit(checkout.folder / "scripts") == checkout("rev-parse", "HEAD")


@needs_git
def test_a_checkout_without_a_commit_is_unknown(git):
    git("init", "--quiet")
    assert git_commit(git.folder) == "unknown"


@needs_git
def test_a_folder_without_git_is_unknown(git):
    assert git_commit(git.folder) == "unknown"


def test_a_machine_without_git_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) == "unknown"


@pytest.fixture
def write(tmp_path):
    """Write the provenance of a small run, and hand it back."""
    (tmp_path / "samples.tsv").write_text("sample\tcell_line\na\tMM1S\n")
    summary = "sample\tsequenced\tstrandedness\tcross_checks\na\t9\treverse\tSTAR agrees\n"
    (tmp_path / "summary.tsv").write_text(summary)
    (tmp_path / "programs.tsv").write_text("STAR\t2.7.10b\nfastp\t0.23.2\n")
    (tmp_path / "a.sha256").write_text("00ff  reads/a.fastq.gz\n")
    (tmp_path / "b.sha256").write_text("11ee  genome.fa\n")
    job = {
        **{"rule_name": "fit", "wildcards": {"fit": "cell_lines/MM1S"}, "threads": 1},
        **{"resources": {"mem_mb": 4500, "runtime": 60}, "s": 12.34, "cpu_time": 11.0},
        **{"max_rss": "NA"},
    }
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/fit.jsonl").write_text(json.dumps(job) + "\n")
    settings = {"aligner": "star", "differential": {"design": "~ treatment", "fdr": 0.05}}
    write_warnings(["of a fit"], "cell_lines/MM1S", tmp_path / "warnings.tsv")

    def written(*options):
        write_provenance.main(
            [
                *["--settings", json.dumps(settings), "--sheet", str(tmp_path / "samples.tsv")],
                *["--programs", str(tmp_path / "programs.tsv"), "--snakemake", "9.27.1"],
                *["--checksums", str(tmp_path / "a.sha256"), str(tmp_path / "b.sha256")],
                *["--samples", str(tmp_path / "summary.tsv"), "--fits", "cell_lines/MM1S"],
                *["--warnings", json.dumps(["of the sheet"])],
                *["--warning-tables", str(tmp_path / "warnings.tsv"), *options],
                *["--logs", str(tmp_path / "logs"), "--output", str(tmp_path / "provenance.json")],
            ]
        )
        return json.loads((tmp_path / "provenance.json").read_text())

    return written


@pytest.fixture
def provenance(write):
    return write()


def test_the_config_and_the_sheet_are_kept_as_they_were(provenance):
    assert provenance["config"]["differential"] == {"design": "~ treatment", "fdr": 0.05}
    assert provenance["sheet"] == ["sample\tcell_line", "a\tMM1S"]


def test_every_program_has_its_version(provenance):
    assert provenance["programs"] == {
        "snakemake": "9.27.1",
        "python": platform.python_version(),
        "STAR": "2.7.10b",
        "fastp": "0.23.2",
    }


@pytest.mark.parametrize("library", ["pydeseq2", "HTSeq", "pandas"])
def test_a_library_has_its_version(provenance, library):
    assert provenance["libraries"][library] == importlib.metadata.version(library)


@pytest.fixture
def broken_library(tmp_path, monkeypatch):
    (tmp_path / "site" / "broken-1.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")


def test_a_library_that_is_half_removed_does_no_harm(broken_library, provenance):
    assert "pandas" in provenance["libraries"]


def test_inputs_of_all_lists_are_named_with_their_checksums(provenance):
    assert provenance["inputs"] == {"reads/a.fastq.gz": "00ff", "genome.fa": "11ee"}


def test_by_which_strandedness_a_sample_was_counted_is_kept(provenance):
    finding = {"strandedness": "reverse", "cross_checks": "STAR agrees"}
    assert provenance["samples"] == [{"sample": "a", **finding}]


def test_the_commit_is_that_of_the_workflow(provenance):
    assert provenance["commit"] == git_commit(write_provenance.ROOT)
    assert (write_provenance.ROOT / "workflow" / "Snakefile").exists()


def test_each_job_is_told_with_its_node_and_what_it_used(provenance):
    (job,) = provenance["jobs"]
    assert job["node"] == platform.node()
    assert (job["rule"], job["run_s"], job["peak_mb"]) == ("fit", 12.3, None)


def test_jobs_of_what_is_no_longer_asked_for_are_not_told(write):
    assert len(write("--asked", json.dumps({"fit": ["cell_lines/MM1S"]}))["jobs"]) == 1
    assert write("--asked", json.dumps({"fit": ["cell_lines/B"]}))["jobs"] == []


def test_the_fits_are_named(provenance):
    assert provenance["fits"] == ["cell_lines/MM1S"]


def test_warnings_of_checks_and_steps_are_there(provenance):
    assert provenance["warnings"] == [
        {"about": None, "warning": "of the sheet"},
        {"about": "cell_lines/MM1S", "warning": "of a fit"},
    ]
    assert (provenance["failures"], provenance["unfinished"]) == ([], [])


def test_of_a_run_that_failed_only_what_was_finished_is_read(write, tmp_path):
    names = [str(tmp_path / name) for name in ["programs.tsv", "b.sha256", "warnings.tsv"]]
    for name in names[1:]:
        (tmp_path / name).unlink()
    failure = {"rule": "fit", "wildcards": "fit=cell_lines/B", "log": "fit.log", "says": ["why"]}
    failed = {"failures": [failure], "unfinished": names}
    (tmp_path / "failed.json").write_text(json.dumps(failed))
    provenance = write("--failed-run", str(tmp_path / "failed.json"))
    assert {key: provenance[key] for key in failed} == failed
    assert list(provenance["inputs"]) == ["reads/a.fastq.gz"]
    assert list(provenance["programs"]) == ["snakemake", "python"]
    assert provenance["warnings"] == [{"about": None, "warning": "of the sheet"}]
