"""Whether the programs that a run calls can be found."""

import shutil

from imid.reads.aligners import ALIGNERS


def missing_programs(aligner: str, trim: bool) -> list[str]:
    """Look for the programs of a run on the PATH.

    Parameters
    ----------
    aligner : str
        The aligner of the configuration.
    trim : bool
        Whether reads are trimmed.

    Returns
    -------
    list of str
        A problem that names those that are missing and says what to do; empty if all are there.
    """
    needed = ["samtools", *ALIGNERS[aligner].programs, *(["fastp"] if trim else [])]
    missing = [program for program in needed if shutil.which(program) is None]
    if not missing:
        return []
    return [
        f"not on the PATH: {', '.join(missing)}; install them, or have conda provide them: "
        "snakemake --software-deployment-method conda"
    ]
