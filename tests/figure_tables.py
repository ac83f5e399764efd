"""Published tables of a small experiment, made up without a fit, for the tests of figures."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy.stats import false_discovery_control, norm

from imid.evidence.drug_comparison import DrugComparison
from imid.figures import draw
from imid.question.contrast_results import ContrastResult, write_result
from imid.shared.json_files import write_json
from imid.shared.tables import CONTRAST, TARGETS, write_table

DRUGS = ["dmso", "lenalidomide", "pomalidomide"]


def genes_table(genes: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "gene_id": [f"ENSG{number:011d}" for number in range(genes)],
            "gene_name": [f"GENE{number}" for number in range(genes)],
        }
    )


def samples_table(treatments=DRUGS, cell_lines=("MM1S",), replicates=3) -> pd.DataFrame:
    rows = [
        (f"{line}_{treatment}_{replicate}", line, treatment, str(replicate), 1.0)
        for line in cell_lines
        for treatment in treatments
        for replicate in range(1, replicates + 1)
    ]
    columns = ["sample", "cell_line", "treatment", "replicate", "size_factor"]
    return pd.DataFrame(rows, columns=columns)


def expression_table(samples: pd.DataFrame, genes: int = 60) -> pd.DataFrame:
    """Log2-like values; gene n answers to the n-th treatment, from gene 9 on it is noise."""
    values = np.random.default_rng(1).normal(8, 0.1, (genes, len(samples)))
    for place, treatment in enumerate(samples["treatment"].unique()):
        values[place:9:3, (samples["treatment"] == treatment).to_numpy()] += 3
    return genes_table(genes).join(pd.DataFrame(values, columns=samples["sample"]))


def contrast_table(genes: int = 300, seed: int = 2) -> pd.DataFrame:
    """A table with every status, a p-value of 0 and significant genes in both directions."""
    rng = np.random.default_rng(seed)
    change = np.where(rng.random(genes) < 0.2, rng.normal(0, 3, genes), rng.normal(0, 0.3, genes))
    change[:4] = [4.0, -5.0, 2.5, -2.0]
    table = genes_table(genes).assign(
        base_mean=rng.lognormal(5, 2, genes), log2_fold_change=change, lfc_se=0.4, status="tested"
    )
    table["stat"] = change / 0.4
    table["p_value"] = 2 * norm.sf(np.abs(table["stat"]))
    table.loc[0, ["stat", "p_value"]] = [40.0, 0.0]
    table.loc[5:7, "status"] = ["outlier", "low_count", "all_zero"]
    table.loc[5, "p_value"] = np.nan
    table.loc[7, ["log2_fold_change", "lfc_se", "stat", "p_value"]] = np.nan
    table.loc[7, "base_mean"] = 0.0
    tested = table["status"] == "tested"
    table.loc[tested, "fdr"] = false_discovery_control(table.loc[tested, "p_value"])
    return table.reindex(columns=CONTRAST)


def targets_table(genes: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Targets given by id, name and group, each for two contrasts."""
    rows = pd.DataFrame(genes, columns=["gene_id", "gene_name", "group"])
    rows["reason"] = np.where(rows["gene_id"].str.startswith("ENSG"), None, "not in the annotation")
    contrasts = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso"]
    return pd.concat([rows.assign(contrast=name) for name in contrasts]).reindex(columns=TARGETS)


def significant_genes(table: pd.DataFrame, direction: int) -> pd.DataFrame:
    """The genes that FDR < 0.05 and |log2 fold change| > 1 select, in one direction."""
    return table[(table["fdr"] < 0.05) & (direction * table["log2_fold_change"] > 1)]


def drawn(figure: Figure, name: str) -> np.ndarray:
    """The places of the points that were drawn under a name, in data coordinates."""
    (points,) = figure.findobj(lambda artist: artist.get_gid() == name)
    return np.asarray(points.get_offsets())


def colour_of(figure: Figure, name: str) -> str:
    (points,) = figure.findobj(lambda artist: artist.get_gid() == name)
    return to_hex(points.get_facecolor()[0]).upper()


def texts(figure: Figure) -> list[str]:
    """Everything that is written in a figure."""
    return [text.get_text() for text in figure.findobj(match=lambda a: hasattr(a, "get_text"))]


def drawn_matrix(figure: Figure) -> pd.DataFrame:
    """The values of the image with a colour scale, with the labels of its rows and columns."""
    (axes,) = [axes for axes in figure.axes if axes.images and axes.images[0].colorbar]
    rows, columns = (
        [label.get_text() for label in labels]
        for labels in (axes.get_yticklabels(), axes.get_xticklabels())
    )
    values = axes.images[0].get_array().filled(np.nan)
    return pd.DataFrame(values, index=rows, columns=columns)


def check_command(figure: str, tables: dict, folder: Path) -> None:
    """Draw a figure twice from files of tables, and hold what is written against itself."""
    options = []
    for option, content in tables.items():
        several = content if isinstance(content, list) else [content]
        paths = [
            write_input(one, folder / f"{option}_{number}") for number, one in enumerate(several)
        ]
        options += [f"--{option}", *paths]
    written = []
    for run in ["first", "second"]:
        draw.main([figure, "--stem", str(folder / run / "of"), *options])
        written.append({path.name: path.read_bytes() for path in (folder / run).iterdir()})
    assert written[0] == written[1]
    named = f"of{draw.module_of(figure).FIGURE.file_ending(figure)}"
    assert set(written[0]) == {f"{named}.svg", f"{named}.png"}
    assert b"<svg" in written[0][f"{named}.svg"]
    assert written[0][f"{named}.png"].startswith(b"\x89PNG")


def write_input(content: pd.DataFrame | ContrastResult | DrugComparison, stem: Path) -> str:
    """Write a table, or what came of a contrast or comparison; give the file's name."""
    path = stem.with_suffix(".tsv" if isinstance(content, pd.DataFrame) else ".json")
    if isinstance(content, pd.DataFrame):
        write_table(content, path)
    elif isinstance(content, ContrastResult):
        write_result(content, path)
    else:
        write_json(content, path)
    return str(path)
