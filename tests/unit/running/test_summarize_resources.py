import json
import os
import platform

import pytest

from imid.running import summarize_resources
from imid.shared.tables import read_table

MEASURED = {
    "rule_name": "align",
    "wildcards": {"sample": "MM1S_dmso_1"},
    "threads": 8,
    "resources": {"mem_mb": 40000, "runtime": 480, "tmpdir": "/scratch"},
    "s": 1234.56,
    "cpu_time": 7890.12,
    "max_rss": 31234.5,
}


@pytest.fixture
def logs(tmp_path):
    """An alignment whose first job failed, and a short step without wildcards on this machine."""
    short = {**MEASURED, "rule_name": "versions", "wildcards": {}, "resources": {}}
    unmeasured = {"max_rss": "NA", "cpu_time": "NA", "s": 0.2, "threads": 1}
    for name, measured in {
        "samples/MM1S_dmso_1/align": MEASURED,
        "versions": {**short, **unmeasured},
    }.items():
        path = tmp_path / f"logs/{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(measured) + "\n")
    (tmp_path / "logs/samples/MM1S_dmso_1/align.log").write_text("reads are fine\n")
    slurm = tmp_path / "logs/slurm/rule_align/MM1S_dmso_1"
    slurm.mkdir(parents=True)
    (slurm / "99.log").write_text("\nSNAKEMAKE\n  Host: node1\n")
    (slurm / "100.log").write_text("\nSNAKEMAKE\n  Host: node2\n")
    return tmp_path / "logs"


@pytest.fixture
def table(logs, tmp_path):
    output = tmp_path / "results/qc/resources.tsv"
    summarize_resources.main(["--logs", str(logs), "--output", str(output)])
    return read_table(output, index="rule")


def test_what_was_asked_stands_beside_what_was_used(table):
    job = table.loc["align"]
    assert job["wildcards"] == "sample=MM1S_dmso_1"
    assert (job["threads"], job["mem_mb"], job["runtime_min"]) == (8, 40000, 480)
    assert (job["run_s"], job["cpu_s"], job["peak_mb"]) == (1234.6, 7890.1, 31234)


def test_the_job_that_succeeded_is_named(table):
    assert table.loc["align", "node"] == "node2"
    assert int(table.loc["align", "slurm_job"]) == 100


def test_the_order_of_wildcards_does_not_matter(logs):
    folder = logs / "slurm/rule_contrast/joint_A+B_drug_vs_dmso"
    folder.mkdir(parents=True)
    (folder / "7.log").write_text("Host: node3\n")
    place = {"node": "node3", "slurm_job": "7"}
    for wildcards in [["joint/A+B", "drug_vs_dmso"], ["drug_vs_dmso", "joint/A+B"]]:
        assert summarize_resources.where_it_ran("contrast", wildcards, 0, logs) == place


def test_a_step_on_this_machine_has_no_slurm_job(table):
    assert table.loc["versions", "node"] == platform.node()
    assert table.loc["versions", ["slurm_job", "peak_mb", "mem_mb"]].isna().all()


def test_the_table_says_the_same_once_the_logs_are_written_to(logs, tmp_path, table):
    summarize_resources.main(["--logs", str(logs), "--output", str(tmp_path / "again.tsv")])
    assert read_table(tmp_path / "again.tsv", index="rule").equals(table)


def test_what_ran_on_slurm_in_an_earlier_run_is_not_said_to_have_done_so_now(logs, tmp_path):
    for log in (logs / "slurm").rglob("*.log"):
        os.utime(log, (0, 0))
    summarize_resources.main(["--logs", str(logs), "--output", str(tmp_path / "table.tsv")])
    job = read_table(tmp_path / "table.tsv", index="rule").loc["align"]
    assert (job["node"], job.isna()["slurm_job"]) == (platform.node(), True)


def test_without_measurements_the_table_is_empty(tmp_path):
    jobs = summarize_resources.jobs_measured(tmp_path)
    assert summarize_resources.resources_used(jobs.values()).empty


def test_each_log_ends_with_where_the_step_ran_and_what_it_took(logs, tmp_path):
    for _ in range(2):
        summarize_resources.main(["--logs", str(logs), "--output", str(tmp_path / "table.tsv")])
    assert (logs / "samples/MM1S_dmso_1/align.log").read_text() == (
        "reads are fine\n"
        "This step ran on node2, Slurm job 100: 1234.6 s, at most 31234 MB of memory.\n"
    )
    assert not (logs / "versions.log").exists()


@pytest.mark.parametrize("text", ["", "{", json.dumps(MEASURED)[:-9], "[]", "\0\0\0"])
def test_measurements_that_were_cut_are_passed_over(logs, text):
    (logs / "fit.jsonl").write_text(text)
    with (logs / "samples/MM1S_dmso_1/align.jsonl").open("a") as measured:
        measured.write(text)
    assert [*summarize_resources.jobs_measured(logs)] == [
        logs / "samples/MM1S_dmso_1/align.log",
        logs / "versions.log",
    ]


def test_measurements_without_what_was_asked_for_are_passed_over(logs):
    plain = {"s": 1.0, "max_rss": 20.0, "cpu_time": 0.5}
    (logs / "fit.jsonl").write_text(json.dumps(plain) + "\n")
    assert logs / "fit.log" not in summarize_resources.jobs_measured(logs)
    assert len(summarize_resources.jobs_measured(logs)) == 2
