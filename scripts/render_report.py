"""Render the report: one page that opens offline, with the answer first.

The page shows published tables and figures and computes nothing of its own, so that it cannot
disagree with them.
"""

import argparse
import base64
import json
from collections.abc import Iterable
from pathlib import Path

import jinja2
import pandas as pd

from files import written
from tables import read_table

LEADING_GENES = 15
VERDICTS = {
    "supports": "✓ as expected",
    "opposes": "✗ opposite",
    "inconclusive": "inconclusive",
    "no_expectation": "none expected",
    "not_measurable": "not measurable",
}


def embedded(figure: Path) -> str:
    """Turn an SVG into an address that holds the picture itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(figure.read_bytes()).decode()


def target_rows(targets: pd.DataFrame) -> list[dict]:
    """Put the contrasts of a target side by side.

    Parameters
    ----------
    targets : DataFrame
        The targets table of a cell line, one row for each target and contrast.

    Returns
    -------
    list of dict
        One for each target, in the table's order: its names, group and level, and under
        ``results`` its row for each contrast by name.
    """
    return [
        {**group.iloc[0].to_dict(), "results": group.set_index("contrast").to_dict("index")}
        for _, group in targets.groupby("gene_id", sort=False)
    ]


def read_contrast(folder: Path, name: str) -> dict:
    """Read a contrast's sidecar, and its significant genes from the most significant on."""
    sidecar = json.loads((folder / f"{name}.json").read_text())
    genes = read_table(folder / f"{name}.significant.tsv")
    return {**sidecar, "leading": genes.head(LEADING_GENES).to_dict("records")}


def read_fit(folder: Path, figures: list[Path]) -> dict:
    """Gather what the report shows of one fit.

    Parameters
    ----------
    folder : Path
        Its results.
    figures : list of Path
        The SVG files to show, in this order.

    Returns
    -------
    dict
        name, anchor, verdict, targets, contrasts, comparisons, samples and figures, as the
        template takes them.
    """
    targets = read_table(folder / "targets.tsv")
    samples = read_table(folder / "samples.tsv")
    names = targets["contrast"].unique()
    comparisons = sorted((folder / "comparisons").glob("*.json"))
    return {
        "name": " and ".join(samples["cell_line"].unique()),
        "anchor": f"{folder.parent.name}-{folder.name}",
        "verdict": read_table(folder / "verdict.tsv").to_dict("records"),
        "targets": target_rows(targets),
        "contrasts": [read_contrast(folder / "contrasts", name) for name in names],
        "comparisons": [json.loads(path.read_text()) for path in comparisons],
        "samples": samples.to_dict("records"),
        "figures": named_figures(figure for figure in figures if folder in figure.parents),
    }


def named_figures(figures: Iterable[Path]) -> list[dict]:
    """Give the pictures with what to call them."""
    return [
        {"name": figure.stem.replace("_", " "), "source": embedded(figure)} for figure in figures
    ]


def signed(value: float) -> str:
    """Write a fold change with its sign, a true minus, and two decimals; a dash if missing."""
    return "–" if pd.isna(value) else f"{value:+.2f}".replace("-", "−")


def probability(value: float) -> str:
    """Write a probability with two decimals, or its magnitude; a dash if missing."""
    if pd.isna(value):
        return "–"
    if value == 0:
        return "<1e-300"
    return f"{value:.2f}" if value >= 0.01 else f"{value:.0e}".replace("e-0", "e-")


def environment(folder: Path) -> jinja2.Environment:
    """Set up the template's language: escaping, and how numbers are written."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters.update(
        signed=signed,
        probability=probability,
        whole=lambda value: f"{value:,.0f}",
        percent=lambda share: f"{share:.1%}",
    )
    return templates


def main(argv: list[str] | None = None) -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--template", type=Path, required=True)
    parser.add_argument("--fits", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--figures", nargs="*", type=Path, default=[], help="SVG, in order")
    parser.add_argument("--samples", nargs="*", type=Path, default=[], help="summary of reads")
    parser.add_argument("--provenance", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    template = environment(arguments.template.parent).get_template(arguments.template.name)
    page = template.render(
        verdicts=VERDICTS,
        fits=[read_fit(folder, arguments.figures) for folder in arguments.fits],
        across=named_figures(path for path in arguments.figures if path.parent.name == "across"),
        samples=[row for path in arguments.samples for row in read_table(path).to_dict("records")],
        provenance=json.loads(arguments.provenance.read_text()),
    )
    with written(arguments.output) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
