"""Starting one step of ours from another."""

import sys


def step(module: str) -> list[str]:
    """Put together the beginning of a command that runs a module as a program.

    What is started belongs to the code of who starts it, as what is imported does. So that it is
    found, the module's name is written out where it is asked for:
    ``step("imid.counting.count_reads")``.

    Parameters
    ----------
    module : str
        One that has a ``main``.

    Returns
    -------
    list of str
        The command, to which options are added.
    """
    return [sys.executable, "-m", module]
