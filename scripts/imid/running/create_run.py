"""Create the folder of a new run: a configuration, a sheet to fill, how to get a reference."""

import argparse
import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pandas as pd

from imid.shared.files import written
from imid.shared.paths import ROOT
from imid.shared.problems import InputError, reported

# What is typical of such an experiment: µM of each treatment, and hours.
DOSES = {"dmso": 0, "lenalidomide": 5, "pomalidomide": 1}
HOURS = 24
# Of each treatment, for a model to be fitted.
FEWEST = 2
EXPLAINED = (
    "# One row for each pair of FASTQ files: put yours in place of these.\n"
    "# Columns, lanes and single-end reads: {}\n"
)
NEXT = """\
{folder}: a new run of {samples} samples. Next:
  1. config/samples.tsv    the names of your FASTQ files, doses, hours
  2. reference/fetch.sh    fetches genome, annotation and gene sets, and checks them; or name your
                           own in config/config.yaml
  3. config/config.yaml    strandedness, contrasts, thresholds: each is explained where it stands
  4. snakemake --directory {folder} --cores 8 --dry-run    checks all of it, and plans; then
     without --dry-run
"""


def sheet(cell_lines: Sequence[str], replicates: int) -> pd.DataFrame:
    """Lay out a sample sheet.

    Parameters
    ----------
    cell_lines : sequence of str
    replicates : int
        Of each treatment in each line.

    Returns
    -------
    DataFrame
        One row for each sample, the names of its FASTQ files a proposal.
    """
    return pd.DataFrame(_rows(cell_lines, replicates))


def _rows(cell_lines: Sequence[str], replicates: int) -> Iterator[dict[str, object]]:
    for line, treatment, replicate in product(cell_lines, DOSES, range(1, replicates + 1)):
        sample = f"{line}_{treatment}_{replicate}"
        yield {
            "sample": sample,
            "cell_line": line,
            "treatment": treatment,
            "replicate": replicate,
            "dose_um": DOSES[treatment],
            "hours": HOURS,
            "fastq_1": f"reads/{sample}_R1.fastq.gz",
            "fastq_2": f"reads/{sample}_R2.fastq.gz",
        }


def create_run(folder: Path, samples: pd.DataFrame) -> None:
    """Write a run's folder.

    Parameters
    ----------
    folder : Path
        Made, unless it is there and empty.
    samples : DataFrame
        The sheet.

    Raises
    ------
    InputError
        The folder holds something: nothing of it is touched.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError([f"{folder}: is there already, and not empty; name a new folder"])
    for part in ["config", "reads", "reference"]:
        (folder / part).mkdir(parents=True)
    shutil.copyfile(ROOT / "config/config.yaml", folder / "config/config.yaml")
    shutil.copy(ROOT / "resources/fetch_reference.sh", folder / "reference/fetch.sh")
    with written(folder / "config/samples.tsv") as temporary:
        explained = EXPLAINED.format(ROOT / "config/README.md")
        temporary.write_text(explained + samples.to_csv(sep="\t", index=False))


def main(argv: list[str] | None = None) -> None:
    """Create it, and say what comes next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the new working directory")
    parser.add_argument("--cell-lines", nargs="+", default=["MM1S"], help="as the sheet names them")
    parser.add_argument("--replicates", type=int, default=3, help="of each treatment (default: 3)")
    arguments = parser.parse_args(argv)
    if arguments.replicates < FEWEST:
        parser.error(f"--replicates: the models need {FEWEST} at least")

    samples = sheet(arguments.cell_lines, arguments.replicates)
    # In DIR=~/my_run not every shell does it.
    folder = os.path.expanduser(arguments.folder)
    create_run(Path(folder), samples)
    print(NEXT.format(folder=shlex.quote(folder), samples=len(samples)), end="")


if __name__ == "__main__":
    reported(main)
