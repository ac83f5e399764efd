"""Which jobs the results of the present question come from, among all that left traces."""

import os
from collections.abc import Collection
from pathlib import Path

from imid.running.job_records import JobRecord, read_job_records
from imid.running.snakemake_records import logs_of, recorded_outputs


def present_records(planned: Collection[str]) -> list[JobRecord]:
    """Read the records of jobs whose results are asked for, and are there.

    Parameters
    ----------
    planned : collection of str
        Every file and folder that the present configuration makes.

    Returns
    -------
    list of JobRecord
    """
    wanted = set(planned)
    return [
        record
        for record in read_job_records()
        if record.is_of(wanted) and all(map(os.path.exists, record.outputs))
    ]


def present_logs(planned: Collection[str]) -> set[Path]:
    """Name the logs of the jobs whose results are asked for.

    Parameters
    ----------
    planned : collection of str
        Every file and folder that the present configuration makes.

    Returns
    -------
    set of Path
        By our records of jobs, and by Snakemake's of results that are older than ours.
    """
    wanted = set(planned)
    by_snakemake = {name: path for name, path in recorded_outputs().items() if name in wanted}
    logs = {Path(log) for named in logs_of(by_snakemake).values() for log in named}
    return logs | {record.log for record in present_records(planned)}
