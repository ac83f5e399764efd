"""Records of jobs that nobody did."""

from dataclasses import replace
from pathlib import Path

from imid.running.job_records import RecordedJob
from imid.shared.json_files import write_json

NOTHING = RecordedJob(
    rule="",
    wildcards={},
    made="",
    commit="",
    environment="",
    programs={},
    command="",
    params={},
    inputs={},
    outputs={},
)


def write_recorded_job(path: Path, **told: object) -> None:
    """Write what a job would write down of itself, of which a test says what matters to it."""
    write_json(replace(NOTHING, **told), path)
