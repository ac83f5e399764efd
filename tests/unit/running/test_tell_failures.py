import pytest

from imid.running import tell_failures

JOB = """\
[Sat Nov 21 15:03:20 2026]
rule {rule}:
    input: reads/{sample}.fastq.gz
    output: results/{sample}.bam
    log: {log}
    jobid: {job}
    reason: Missing output files: results/{sample}.bam
    wildcards: sample={sample}
    resources: tmpdir=<TBD>, mem_mb=1000
Shell command: echo
"""
ERROR = """\
[Sat Nov 21 15:03:56 2026]
Error in rule {rule}:
    message: SLURM-job '3' failed, SLURM status is: 'FAILED'.
    jobid: {job}
    output: results/{sample}.bam
    log: {log}, {slurm} (check log file(s) for error details)
    shell:
        echo
        (command exited with non-zero exit code)
    external_jobid: 3
"""


@pytest.fixture
def jobs(tmp_path):
    """Two jobs whose logs have twelve lines and none."""
    long, empty = tmp_path / "a.log", tmp_path / "b.log"
    long.write_text("".join(f"line {number}\n" for number in range(1, 13)))
    empty.touch()
    shared = {"rule": "align", "slurm": "logs/slurm/3.log"}
    return [
        {**shared, "job": 4, "sample": "MM1S_dmso_1", "log": str(long)},
        {**shared, "job": 12, "sample": "MM1S_dmso_2", "log": str(empty)},
    ]


def told(text, tmp_path, capsys) -> str:
    (tmp_path / "run.log").write_text(text)
    tell_failures.main([str(tmp_path / "run.log")])
    return capsys.readouterr().out


def test_rule_sample_log_and_its_last_lines_are_told_once(jobs, tmp_path, capsys):
    attempts = [JOB, ERROR, "Trying to restart job 4.\n", JOB, ERROR]
    said = told("".join(part.format(**jobs[0]) for part in attempts), tmp_path, capsys)
    assert said.count("align sample=MM1S_dmso_1 failed") == 1
    assert jobs[0]["log"] in said
    assert "| line 3\n" in said
    assert "| line 12\n" in said
    assert "| line 2\n" not in said
    assert "logs/slurm/3.log" in said


def test_what_succeeded_at_another_attempt_is_not_told(jobs, tmp_path, capsys):
    text = (JOB + ERROR + JOB).format(**jobs[0]) + "Finished jobid: 4 (Rule: align)\n"
    text += (JOB + ERROR).format(**jobs[1])
    said = told(text, tmp_path, capsys)
    assert "MM1S_dmso_1" not in said
    assert "align sample=MM1S_dmso_2 failed" in said
    assert "(says nothing)" in said


def test_a_step_without_log(tmp_path, capsys):
    text = "Error in rule fit:\n    message: None\n    jobid: 3\n"
    assert "fit failed, and has no log" in told(text, tmp_path, capsys)


def test_a_failure_is_recorded_for_the_page(jobs):
    (step,) = tell_failures.failures((JOB + ERROR).format(**jobs[0]))
    assert tell_failures.recorded(step) == {
        "rule": "align",
        "wildcards": "sample=MM1S_dmso_1",
        "log": jobs[0]["log"],
        "says": [f"line {number}" for number in range(3, 13)],
    }


def test_so_is_one_without_log():
    step = {"rule": "fit", "wildcards": "", "logs": ""}
    assert tell_failures.recorded(step) == {"rule": "fit", "wildcards": "", "log": "", "says": []}
