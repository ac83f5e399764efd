"""Draw one drug's fold changes against another's, both against the same control."""

import argparse
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from figure_style import NEUTRAL, message_figure, new_figure, save
from gene_scatter import classify, directions, draw_genes, finish, in_words, read_contrast
from problems import InputError, reported
from tables import read_table

Contrast = tuple[pd.DataFrame, dict]


def check_comparable(x: dict, y: dict, direct: dict | None) -> None:
    """Make sure that the contrasts belong together.

    Parameters
    ----------
    x, y : dict
        Sidecars of the two drugs' contrasts.
    direct : dict or None
        Sidecar of the contrast of one drug with the other.

    Raises
    ------
    InputError
        The two are held against different things, or the third is not of these two drugs.
    """
    problems = []
    if (x["cell_line"], x["denominator"]) != (y["cell_line"], y["denominator"]):
        problems.append(
            f"{x['contrast']} in {x['cell_line']} and {y['contrast']} in {y['cell_line']} "
            "cannot be compared: the cell line and the denominator have to be the same"
        )
    drugs = {x["numerator"], y["numerator"]}
    if direct and {direct["numerator"], direct["denominator"]} != drugs:
        problems.append(
            f"{direct['contrast']} is not the difference of {x['contrast']} and {y['contrast']}: "
            f"it has to contrast {' and '.join(sorted(drugs))}"
        )
    if problems:
        raise InputError(problems)


def comparison_points(x: pd.DataFrame, y: pd.DataFrame, direct: Contrast | None) -> pd.DataFrame:
    """Give the place and the class of each gene.

    Parameters
    ----------
    x, y : DataFrame
        The two drugs' contrast tables.
    direct : (DataFrame, dict) or None
        Table and sidecar of the contrast of one drug with the other.

    Returns
    -------
    DataFrame
        gene_id; x and y, the log2 fold changes; class, from the direct contrast; for the genes
        that were tested in at least one of the tables, since all others are only noise.
    """
    tables = [x, y] if direct is None else [x, y, direct[0]]
    tested = pd.concat([table.loc[table["fdr"].notna(), "gene_id"] for table in tables])
    change = ["gene_id", "log2_fold_change"]
    points = x[change].merge(y[change], on="gene_id").set_axis(["gene_id", "x", "y"], axis=1)
    if direct is None:
        points["class"] = "gene"
    else:
        classes = direct[0][["gene_id"]].assign(**{"class": classify(*direct)})
        points = points.merge(classes, on="gene_id")
    return points[points["gene_id"].isin(tested)].dropna()


def draw_drug_comparison(
    x: Contrast, y: Contrast, targets: pd.DataFrame, direct: Contrast | None = None
) -> Figure:
    """Draw the fold changes of one drug against those of another.

    Both drugs are held against the same control, whose noise is therefore in both: points lie
    near the diagonal for that alone, and which drug passes a threshold says little. Only the
    direct contrast tells which genes differ; they alone are coloured.

    Parameters
    ----------
    x, y : (DataFrame, dict)
        The two drugs' contrast tables with their sidecars.
    targets : DataFrame
        The targets table; `gene_scatter.choose_targets` says which are named.
    direct : (DataFrame, dict), optional
        Table and sidecar of the contrast of one drug with the other.

    Returns
    -------
    Figure
        Both axes have the same limits.

    Raises
    ------
    InputError
        The contrasts do not belong together.
    """
    check_comparable(x[1], y[1], direct and direct[1])
    title = f"{x[1]['cell_line']}: {y[1]['numerator']} against {x[1]['numerator']}"
    points = comparison_points(x[0], y[0], direct)
    if points.empty:
        return message_figure(title, "No gene was tested in any of the contrasts.")
    figure = new_figure(title, 6.6)
    axes = figure.add_subplot(
        aspect="equal",
        xlabel=f"log2 fold change, {in_words(x[1])}",
        ylabel=f"log2 fold change, {in_words(y[1])}",
    )
    draw_genes(axes, points, directions(direct[1]) if direct else {"gene": ("tested", NEUTRAL)})
    reach = points[["x", "y"]].abs().to_numpy().max() * 1.08 or 1.0
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.axhline(0, color="black", linewidth=0.5, zorder=1)
    axes.axvline(0, color="black", linewidth=0.5, zorder=1)
    axes.axline((0, 0), slope=1, color="black", linewidth=1, zorder=3, label="same change")
    skipped = len(x[0]) - len(points)
    notes = [f"Coloured by the contrast {in_words(direct[1])}."] if direct else []
    notes += [f"{skipped:,} of {len(x[0]):,} genes were not tested and are not drawn."]
    finish(axes, points, targets, notes if skipped else notes[:-1])
    return figure


def main(argv: list[str] | None = None) -> None:
    """Write the comparison of two drugs."""
    parser = argparse.ArgumentParser(description=__doc__)
    for axis in ["x", "y"]:
        words = f"of the drug on the {axis} axis"
        parser.add_argument(f"--{axis}-contrast", type=Path, required=True, help=f"table {words}")
        parser.add_argument(f"--{axis}-sidecar", type=Path, required=True, help=f"sidecar {words}")
    parser.add_argument("--direct-contrast", type=Path, help="table of one drug against the other")
    parser.add_argument("--direct-sidecar", type=Path, help="its sidecar")
    parser.add_argument("--targets", type=Path, required=True, help="targets table")
    parser.add_argument("--output", nargs="+", type=Path, required=True, help=".svg, .png")
    arguments = parser.parse_args(argv)

    x = read_contrast(arguments.x_contrast, arguments.x_sidecar)
    y = read_contrast(arguments.y_contrast, arguments.y_sidecar)
    direct = arguments.direct_contrast and read_contrast(
        arguments.direct_contrast, arguments.direct_sidecar
    )
    figure = draw_drug_comparison(x, y, read_table(arguments.targets), direct)
    save(figure, arguments.output)


if __name__ == "__main__":
    reported(main)
