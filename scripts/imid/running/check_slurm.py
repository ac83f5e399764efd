"""Settings of a cluster that do not fit a run; said once, before the first job is sent."""

import re
import time

from imid.running.slurm_queue import NoAnswerError, ask

# The executor looks after its jobs at intervals that grow to this, in seconds.
BETWEEN_LOOKS = 180
PATIENCE = 20


def slurm_misfits() -> list[str]:
    """Ask Slurm for its settings.

    Returns
    -------
    list of str
        One sentence or two for each setting that a user should know of; empty where all fit.
    """
    try:
        config = ask("scontrol", "show", "config", until=time.monotonic() + PATIENCE)
    except NoAnswerError as error:
        return [f"Slurm does not answer ({error}); jobs are sent to it once it does"]
    settings = dict(re.findall(r"^(\w+)\s+= (.*)$", config, flags=re.MULTILINE))
    return [*forgotten_jobs(settings), *unreserved_memory(settings)]


def forgotten_jobs(settings: dict[str, str]) -> list[str]:
    """Say what tells the end of jobs that Slurm forgets before they are looked for."""
    age = re.match(r"\d+", settings.get("MinJobAge", ""))
    if age is None or int(age[0]) >= BETWEEN_LOOKS:
        return []
    accounted = settings.get("AccountingStorageType", "").endswith("slurmdbd")
    by = "Slurm's accounting, else by " if accounted else ""
    return [
        f"Slurm forgets a job {age[0]} s after its end (MinJobAge), but is asked every "
        f"{BETWEEN_LOOKS} s or less: how such a job ended is told by {by}its log in logs/slurm"
    ]


def unreserved_memory(settings: dict[str, str]) -> list[str]:
    """Say that jobs may get less memory than they ask for."""
    parameters = settings.get("SelectTypeParameters", "").upper()
    if "MEMORY" in parameters or settings.get("SelectType") == "select/linear":
        return []
    return [
        f"Slurm does not reserve memory here (SelectTypeParameters={parameters or '(none)'}): "
        "jobs that share a node may need more than it has; fewer at once: --jobs"
    ]
