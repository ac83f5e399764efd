"""Draw figures of one fit, contrast or comparison from its tables, in one process.

    python -m imid.figures.draw volcano ma --stem figures/a_vs_b --contrast a_vs_b.tsv ...

The libraries are loaded once, and each table is read once. A figure is the name of a module,
without ``plot_``; it takes a table by an option of the table's name.
"""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from imid.evidence.drug_comparison import read_drug_comparison
from imid.figures.declaration import LISTS
from imid.figures.figure_style import save
from imid.question.contrast_results import read_result
from imid.shared.problems import InputError, reported
from imid.shared.significance import by_deciding_test
from imid.shared.tables import read_table

# How what is no table is read, by the name that figures take it by.
READERS = {"sidecar": read_result, "sidecars": read_result, "summary": read_drug_comparison}


def module_of(figure: str) -> ModuleType:
    """Load the module that draws a figure.

    Raises
    ------
    InputError
        If there is none.
    """
    name = f"imid.figures.plot_{figure}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise InputError([f"{figure}: there is no figure of this name"]) from error


def as_decided(tables: dict[str, Any]) -> dict[str, Any]:
    """Give contrast tables as the test that decides has them, which their sidecars name."""
    as_told = {}
    if "contrast" in tables:
        as_told["contrast"] = by_deciding_test(tables["contrast"], tables["sidecar"].test)
    if "contrasts" in tables:
        pairs = zip(tables["contrasts"], tables["sidecars"], strict=True)
        as_told["contrasts"] = [by_deciding_test(table, result.test) for table, result in pairs]
    return tables | as_told


def draw(figure: str, tables: dict[str, Any], stem: Path) -> None:
    """Draw one figure, as SVG and PNG.

    Parameters
    ----------
    figure : str
        Its name.
    tables : dict
        What was read, by name; those of `LISTS` are lists. The figure takes its own.
    stem : Path
        What the names of its files begin with, before the figure's own ending.
    """
    module = module_of(figure)
    drawn = getattr(module, f"draw_{figure}")(
        **{name: tables[name] for name in module.FIGURE.tables}
    )
    named = f"{stem}{module.FIGURE.file_ending(figure)}"
    save(drawn, [Path(f"{named}.{kind}") for kind in ["svg", "png"]])


def parse_tables(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line: first the figures, then the tables that they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("figures", nargs="+")
    named, _ = parser.parse_known_args(argv)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="+", help="names of modules, without plot_")
    parser.add_argument("--stem", required=True, help="what the names of the files begin with")
    for table in _tables(named.figures):
        many = {"nargs": "+"} if table in LISTS else {}
        parser.add_argument(f"--{table}", type=Path, required=True, **many)
    return parser.parse_args(argv)


def _tables(figures: Sequence[str]) -> list[str]:
    return sorted({table for figure in figures for table in module_of(figure).FIGURE.tables})


def main(argv: list[str] | None = None) -> None:
    """Draw one figure after the other."""
    arguments = parse_tables(argv)
    paths = {name: getattr(arguments, name) for name in _tables(arguments.figures)}
    tables = {
        name: [*map(reader, path)] if isinstance(path, list) else reader(path)
        for name, path in paths.items()
        for reader in [READERS.get(name, read_table)]
    }
    tables = as_decided(tables)
    for figure in arguments.figures:
        draw(figure, tables, arguments.stem)


if __name__ == "__main__":
    reported(main)
