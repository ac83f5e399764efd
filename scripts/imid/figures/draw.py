"""Draw figures of one fit, contrast or comparison from its tables, in one process.

    python -m imid.figures.draw volcano ma --stem figures/a_vs_b --contrast a_vs_b.tsv ...

The libraries are loaded once, and each table is read once. A figure is the name of a module,
without ``plot_``; it takes a table by an option of the table's name.
"""

import argparse
import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from imid.figures.declaration import LISTS
from imid.figures.figure_style import save
from imid.shared.problems import InputError, reported
from imid.shared.significance import decided, deciding_test
from imid.shared.tables import read_table


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


def read(path: Path) -> Any:
    """Read a table, or of a JSON file what it says."""
    return json.loads(path.read_text()) if path.suffix == ".json" else read_table(path)


def as_decided(tables: dict[str, Any]) -> dict[str, Any]:
    """Give contrast tables as the test that decides has them, which their sidecars name."""
    decided_tables = {}
    if "contrast" in tables:
        test = deciding_test(tables["sidecar"])
        decided_tables["contrast"] = decided(tables["contrast"], test)
    if "contrasts" in tables:
        pairs = zip(tables["contrasts"], map(deciding_test, tables["sidecars"]), strict=True)
        decided_tables["contrasts"] = [decided(table, test) for table, test in pairs]
    return tables | decided_tables


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


def parse(argv: list[str] | None) -> argparse.Namespace:
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
    arguments = parse(argv)
    paths = {name: getattr(arguments, name) for name in _tables(arguments.figures)}
    tables = {
        name: [*map(read, path)] if isinstance(path, list) else read(path)
        for name, path in paths.items()
    }
    tables = as_decided(tables)
    for figure in arguments.figures:
        draw(figure, tables, arguments.stem)


if __name__ == "__main__":
    reported(main)
