"""Print the target tables of a finished run, and where its results lie."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from imid.shared.json_files import read_json
from imid.shared.problems import InputError, end_with_reader, reported
from imid.shared.tables import read_table


@dataclass(frozen=True)
class Provenance:
    """What is needed here of the provenance of a run: the folders of its fits."""

    fits: list[str]


def overview(targets: pd.DataFrame) -> str:
    """Lay out a targets table for a terminal.

    Parameters
    ----------
    targets : DataFrame
        One row for each target and contrast.

    Returns
    -------
    str
        A line for each target: its group, and for each contrast the log2 fold change, marked
        with ``*`` where it is significant, or the reason why there is none.
    """
    marked = targets["log2_fold_change"].map("{:+.2f}".format)
    marked += targets["significant"].map({"yes": " *", "no": "  "})
    targets = targets.assign(shown=targets["reason"].fillna(marked))
    wide = targets.pivot_table(
        index=["group", "gene_name"],
        columns="contrast",
        values="shown",
        aggfunc="first",
        sort=False,
    )
    return wide.rename_axis(columns=None).reset_index().to_string(index=False)


def main(argv: list[str] | None = None) -> None:
    """Print the overview of each cell line, then the paths of report and tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="the results folder of a run")
    results = parser.parse_args(argv).results

    provenance = results / "provenance.json"
    if not provenance.exists():
        raise InputError([f"{results}: is not the results of a run, no provenance.json"])
    # The folder may hold lines that the last run was not asked for.
    fits = read_json(provenance, Provenance).fits
    for fit in (fit for fit in fits if fit.startswith("cell_lines/")):
        table = results / fit / "targets.tsv"
        print(f"\n{table.parent.name}: log2 fold change of the targets' mRNA (*: significant)\n")
        print(overview(read_table(table)))
    print(f"\nReport:  {results}/report.html")
    print(f"Tables:  {results}/cell_lines/")


if __name__ == "__main__":
    end_with_reader()
    reported(main)
