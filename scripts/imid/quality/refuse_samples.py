"""Stop a run whose samples fail by a figure that the config says shall stop it."""

import argparse
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from imid.question.sample_figures import FAIL, sample_figures
from imid.shared.problems import InputError, reported
from imid.shared.rows import write_rows
from imid.shared.tables import read_table

COLUMNS = ["sample", "figure"]


def refusals(figures: pd.DataFrame, stop_on: Collection[str]) -> list[str]:
    """Name the samples that fail by such a figure, and what would be right.

    Parameters
    ----------
    figures : DataFrame
        The table of figures of all samples.
    stop_on : collection of str
        Figures.

    Returns
    -------
    list of str
        None where all of them pass.
    """
    declared = sample_figures()
    failed = figures[figures["figure"].isin(stop_on) & (figures["verdict"] == FAIL)]
    found = []
    for row in failed.to_dict("records"):
        figure = declared[row["figure"]]
        found.append(
            f"sample {row['sample']}: {row['figure']} is {figure.shown(row['value'])},"
            f" {figure.beyond(row['fail'])}, and qc.stop_on names it; leave the sample out"
            f' (exclude: [{{sample: {row["sample"]}, reason: "…"}}]), or set'
            f" qc.bounds.{row['figure']}.fail"
        )
    return found


def main(argv: list[str] | None = None) -> None:
    """Fail where a sample is refused; else list by what each was found good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, required=True, help="of all samples")
    parser.add_argument("--stop-on", nargs="+", required=True, help="figures")
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    arguments = parser.parse_args(argv)
    figures = read_table(arguments.figures)
    if problems := refusals(figures, arguments.stop_on):
        raise InputError(problems)
    held = figures[figures["figure"].isin(arguments.stop_on)]
    write_rows(held[COLUMNS].to_dict("records"), COLUMNS, arguments.output)


if __name__ == "__main__":
    reported(main)
