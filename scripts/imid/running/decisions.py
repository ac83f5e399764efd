"""What the main process decides once for a run, and its jobs go by.

A job on a cluster reads the workflow anew and plans for itself. What it would decide otherwise, by
what lies there by then, would have it make again what other jobs are reading.
"""

import json
import os
from collections.abc import Callable


def decided(name: str, decide: Callable[[], list[str]], by_main: bool) -> list[str]:
    """Decide in the main process; in a job, give what was decided there.

    It reaches jobs by the environment, which the executor hands on.

    Parameters
    ----------
    name : str
        Of the decision, such as ``ARCHIVED``.
    decide : callable
        Asked in the main process alone.
    by_main : bool
        Whether this is the main process.

    Returns
    -------
    list of str
    """
    variable = f"IMID_{name}"
    if by_main:
        os.environ[variable] = json.dumps(decide())
    return json.loads(os.environ.get(variable, "[]"))
