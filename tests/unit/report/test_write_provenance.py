import importlib.metadata
import json
import platform

import pytest

from imid.report import write_provenance
from imid.running.checkout import git_commit
from imid.running.job_records import RECORDS
from imid.shared.run_warnings import write_warnings
from recorded_jobs import write_recorded_job


def record(name, day, commit="first", **programs):
    """Write what a job would write down of itself."""
    write_recorded_job(
        RECORDS / f"{name}.json",
        rule=name,
        made=f"2026-01-0{day}",
        commit=commit,
        programs=programs,
        outputs={f"results/{name}.tsv": "00ff"},
    )


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write the provenance of a small run, and hand it back."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples.tsv").write_text("sample\tcell_line\na\tMM1S\n")
    summary = "sample\tsequenced\tstrandedness\tcross_checks\na\t9\treverse\tSTAR agrees\n"
    (tmp_path / "summary.tsv").write_text(summary)
    (tmp_path / "a.sha256").write_text("00ff  reads/a.fastq.gz\n")
    (tmp_path / "b.sha256").write_text("11ee  genome.fa\n")
    job = {
        **{"rule_name": "fit", "wildcards": {"fit": "cell_lines/MM1S"}, "threads": 1},
        **{"resources": {"mem_mb": 4500, "runtime": 60}, "s": 12.34, "cpu_time": 11.0},
        **{"max_rss": "NA"},
    }
    for name in ["fit", "other"]:
        text = json.dumps(job | {"rule_name": name}) + "\n"
        (tmp_path / f"logs/{name}.jsonl").parent.mkdir(exist_ok=True)
        (tmp_path / f"logs/{name}.jsonl").write_text(text)
    for name in ["fit", "other", "a", "b"]:
        (tmp_path / f"results/{name}.tsv").parent.mkdir(exist_ok=True)
        (tmp_path / f"results/{name}.tsv").write_text("x\n")
    record("fit", 1)
    record("other", 2)
    (tmp_path / "planned").write_text("results/fit.tsv\nresults/a.tsv\nresults/b.tsv\n")
    settings = {"aligner": "star", "differential": {"design": "~ treatment", "fdr": 0.05}}
    write_warnings(["of a fit"], "cell_lines/MM1S", tmp_path / "warnings.tsv")

    def written(*options):
        write_provenance.main(
            [
                *["--settings", json.dumps(settings), "--sheet", str(tmp_path / "samples.tsv")],
                *["--planned", str(tmp_path / "planned"), "--snakemake", "9.27.1"],
                *["--checksums", str(tmp_path / "a.sha256"), str(tmp_path / "b.sha256")],
                *["--samples", str(tmp_path / "summary.tsv"), "--fits", "cell_lines/MM1S"],
                *["--warnings", json.dumps(["of the sheet"])],
                *["--warning-tables", str(tmp_path / "warnings.tsv"), *options],
                *["--logs", "logs", "--output", str(tmp_path / "provenance.json")],
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


def test_programs_have_the_versions_that_made_the_results(write):
    record("a", 1, STAR="2.7.10b", fastp="0.23.2")
    provenance = write()
    assert provenance["programs"] == {
        "snakemake": "9.27.1",
        "python": platform.python_version(),
        "STAR": "2.7.10b",
        "fastp": "0.23.2",
    }
    assert len(provenance["warnings"]) == 2


def test_a_program_that_was_swapped_between_samples_is_told_and_warned_of(write):
    record("a", 1, fastp="0.23.2")
    record("b", 2, fastp="0.24.0")
    record("other", 3, fastp="1.0")
    provenance = write()
    assert provenance["programs"]["fastp"] == "0.23.2, 0.24.0"
    (warning,) = [row for row in provenance["warnings"] if "fastp" in row["warning"]]
    assert "several versions of fastp: 0.23.2, 0.24.0;" in warning["warning"]


def test_a_program_that_told_no_version_is_warned_of(write):
    record("a", 1, fastp="unknown")
    warnings = [row["warning"] for row in write()["warnings"]]
    assert "fastp did not tell its version when results were made with it" in warnings


def test_every_version_of_the_workflow_that_made_results_is_told(write):
    record("a", 2, commit="second")
    record("b", 3)
    provenance = write()
    assert provenance["versions"] == [
        {"commit": "first", "first": "2026-01-01", "last": "2026-01-03", "jobs": 2},
        {"commit": "second", "first": "2026-01-02", "last": "2026-01-02", "jobs": 1},
    ]
    assert provenance["unrecorded"] == []
    assert [one["rule"] for one in provenance["results"]] == ["a", "b", "fit"]


def test_results_without_a_record_are_named(write):
    assert write()["unrecorded"] == ["results/a.tsv", "results/b.tsv"]


def test_a_record_of_what_is_gone_tells_nothing(write):
    provenance = write()
    (RECORDS.parent / "fit.tsv").unlink()
    assert [one["rule"] for one in provenance["results"]] == ["fit"]
    assert write()["results"] == []


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


def test_jobs_of_what_is_no_longer_asked_for_are_not_told(write, tmp_path):
    assert [job["rule"] for job in write()["jobs"]] == ["fit"]
    (tmp_path / "planned").write_text("results/other.tsv\n")
    assert [job["rule"] for job in write()["jobs"]] == ["other"]


def test_the_fits_are_named(provenance):
    assert provenance["fits"] == ["cell_lines/MM1S"]


def test_warnings_of_checks_and_steps_are_there(provenance):
    assert provenance["warnings"] == [
        {"about": None, "warning": "of the sheet"},
        {"about": "cell_lines/MM1S", "warning": "of a fit"},
    ]
    assert (provenance["failures"], provenance["unfinished"]) == ([], [])


def test_of_a_run_that_failed_only_what_was_finished_is_read(write, tmp_path):
    names = [str(tmp_path / name) for name in ["b.sha256", "warnings.tsv"]]
    for name in names:
        (tmp_path / name).unlink()
    failure = {"rule": "fit", "wildcards": "fit=cell_lines/B", "log": "fit.log", "says": ["why"]}
    failed = {"failures": [failure], "unfinished": names}
    (tmp_path / "failed.json").write_text(json.dumps(failed))
    provenance = write("--failed-run", str(tmp_path / "failed.json"))
    assert {key: provenance[key] for key in failed} == failed
    assert list(provenance["inputs"]) == ["reads/a.fastq.gz"]
    assert list(provenance["programs"]) == ["snakemake", "python"]
    assert provenance["warnings"] == [{"about": None, "warning": "of the sheet"}]
