"""Render the report: one page that opens offline, with the answer first.

The page shows published tables and figures and computes nothing of its own, so that it cannot
disagree with them. Of a run that failed it shows what was finished, and says what was not.
"""

import argparse
import base64
import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from imid.evidence.drug_comparison import read_drug_comparison
from imid.evidence.target_verdicts import Measured
from imid.question.contrast_results import ContrastResult, read_contrast
from imid.shared.files import written
from imid.shared.json_files import read_json
from imid.shared.paths import resource
from imid.shared.problems import reported
from imid.shared.significance import TESTS
from imid.shared.tables import read_table

LEADING_GENES = 15
EXPONENT = re.compile(r"\d[\d.]*e-\d+")
TEMPLATE = resource("workflow/report/report.html.j2")
# What stands before the words of a verdict on a target for which something was expected.
JUDGED = {
    "supports": "✓ ",
    "direction_only": "direction only: ",
    "opposes": "✗ ",
    "inconclusive": "inconclusive: ",
    "not_comparable": "",
}
# That a protein is degraded says nothing of its mRNA, and not that it stays.
ON_PROTEIN = "no direction expected (acts on protein)"
UNPUBLISHED = "nothing published"


def embedded(figure: Path) -> str:
    """Turn an SVG into an address that holds the picture itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(figure.read_bytes()).decode()


def verdict_words(target: dict) -> str:
    """Tell the verdict on a target that was tested in a few words.

    Parameters
    ----------
    target : dict
        A row of the targets table.

    Returns
    -------
    str
        The first words of its reason, without the numbers that stand beside them and without the
        settings: ``✓ down as expected``.
    """
    if target["verdict"] not in JUDGED:
        return ON_PROTEIN if target["acts_on"] == "protein" else UNPUBLISHED
    interval = target["ci_low"], target["ci_high"]
    numbers = Measured(target["log2_fold_change"], interval, target["fdr"]).in_numbers()
    words = target["verdict_reason"].split("; ")[0].removesuffix(f": {numbers}")
    return f"{JUDGED[target['verdict']]}{words}"


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


def measured_activities(path: Path) -> list[dict]:
    """Read the activities table; none where no activity could be measured."""
    table = read_table(path)
    return table.to_dict("records") if table["log2_change"].notna().any() else []


def contrast_section(sidecar: Path, significant: Path) -> dict:
    """Read what came of a contrast, and its significant genes from the most significant on."""
    genes, result = read_contrast(significant, sidecar)
    return {"result": result, "leading": genes.head(LEADING_GENES).to_dict("records")}


def advice_on_tests(results: Iterable[ContrastResult]) -> list[str]:
    """Say which test to trust, once for all contrasts with as many replicates.

    The sidecar's first sentence is how many genes either finds, which the page has in a table.
    """
    told = (result.which_to_trust.partition(". ")[2] for result in results)
    return [*dict.fromkeys(filter(None, told))]


def read_fit(
    folder: Path, tables: list[Path], figures: list[dict], missing: list[Path], warnings: list[dict]
) -> dict:
    """Gather what the report shows of one fit.

    Parameters
    ----------
    folder : Path
        Its results.
    tables : list of Path
        The tables of all fits; each contrast's sidecar and significant genes in one order.
    figures : list of dict
        Those of all fits, as given by `worded`.
    missing : list of Path
        Which of these a run that failed did not come to.
    warnings : list of dict
        Those of all fits.

    Returns
    -------
    dict
        What the template takes: name, heading, anchor, warnings, missing and ``shown``; where all
        tables are there, also verdict, targets, activities, contrasts with the discoveries of each
        test and the advice on them, comparisons and figures.
    """
    name = f"{folder.parent.name}/{folder.name}"
    own = [path for path in tables if folder in path.parents]
    pictures = [figure for figure in figures if folder in figure["path"].parents]
    files = [*own, *(picture["path"] for picture in pictures)]
    lines = folder.name.replace("+", " and ")
    fit = {
        "name": lines,
        "heading": f"{lines}, in one model" if folder.parent.name == "joint" else lines,
        "anchor": name.replace("/", "-"),
        "warnings": [row["warning"] for row in warnings if row["about"] == name],
        "missing": [path.relative_to(folder) for path in files if path in missing],
        "shown": not set(own) & set(missing),
    }
    if not fit["shown"]:
        return fit
    # Nothing but what the rule names is read: other files may be of what is asked no more.
    named = {str(path.relative_to(folder)): path for path in own}
    sidecars, significant, comparisons = (
        [path for name, path in named.items() if name.startswith(kind) and name.endswith(suffix)]
        for kind, suffix in [
            ("contrasts/", ".json"),
            ("contrasts/", ".significant.tsv"),
            ("comparisons/", ".json"),
        ]
    )
    contrasts = [*map(contrast_section, sidecars, significant)]
    results = [contrast["result"] for contrast in contrasts]
    return fit | {
        "verdict": read_table(named["verdict.tsv"]).to_dict("records"),
        "targets": target_rows(read_table(named["targets.tsv"])),
        "contrasts": contrasts,
        "discoveries": [*results[0].discoveries],
        "advice": advice_on_tests(results),
        "comparisons": [*map(read_drug_comparison, comparisons)],
        "answer_figures": in_section("answer", pictures, missing),
        "activities": measured_activities(named["activities.tsv"]),
        "activity_figures": in_section("activities", pictures, missing),
        "figures": in_section("figures", pictures, missing),
    }


def worded(figures: Iterable[Path], words: dict) -> list[dict]:
    """Put the words of each figure to its picture.

    Parameters
    ----------
    figures : iterable of Path
        SVG files in the order in which they are shown.
    words : dict
        ``declared``: of each kind of figure its section of the page, caption and alt text;
        ``pictures``: for each file its kind, and the names of what it is of.

    Returns
    -------
    list of dict
        path, section, caption and alt of each file.
    """
    return [
        {"path": path}
        | {key: text.format(**names) for key, text in words["declared"][figure].items()}
        for path, (figure, names) in zip(figures, words["pictures"], strict=True)
    ]


def in_section(section: str, figures: Iterable[dict], missing: Collection[Path]) -> list[dict]:
    """Give the figures of a section of the page that there are, each with its picture."""
    return [
        figure | {"source": embedded(figure["path"])}
        for figure in figures
        if figure["section"] == section and figure["path"] not in missing
    ]


def rows_of_made(tables: Iterable[Path], missing: Collection[Path]) -> list[dict]:
    """Read the rows of those tables that were made."""
    made = [path for path in tables if path not in missing]
    return [row for path in made for row in read_table(path).to_dict("records")]


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


def unbroken(text: str) -> Markup:
    """Keep numbers such as 1.6e-33 on one line, which may end after their hyphen."""
    return Markup(EXPONENT.sub(r'<span class="whole">\g<0></span>', str(escape(text))))


def template_environment(folder: Path) -> jinja2.Environment:
    """Set up the template's language: escaping, and how numbers are written."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters.update(
        verdict_words=verdict_words,
        signed=signed,
        probability=probability,
        unbroken=unbroken,
        whole=lambda value: "–" if pd.isna(value) else f"{value:,.0f}",
        percent=lambda share: "–" if pd.isna(share) else f"{share:.1%}",
    )
    return templates


def main(argv: list[str] | None = None) -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fits", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--tables", nargs="+", type=Path, required=True, help="of all fits")
    parser.add_argument("--figures", nargs="*", type=Path, default=[], help="SVG, in order")
    parser.add_argument("--words", type=json.loads, required=True, help="of the figures, JSON")
    parser.add_argument("--samples", nargs="*", type=Path, default=[], help="summary of reads")
    parser.add_argument("--verdicts", nargs="*", type=Path, default=[], help="on all samples")
    parser.add_argument("--provenance", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    provenance = read_json(arguments.provenance, dict[str, Any])
    missing = [Path(name) for name in provenance["unfinished"]]
    figures = worded(arguments.figures, arguments.words)
    files = arguments.tables, figures, missing, provenance["warnings"]
    judged = rows_of_made(arguments.verdicts, missing)
    template = template_environment(TEMPLATE.parent).get_template(TEMPLATE.name)
    page = template.render(
        tests=TESTS,
        fits=[read_fit(folder, *files) for folder in arguments.fits],
        across=in_section("across", figures, missing),
        samples=rows_of_made(arguments.samples, missing),
        verdicts={row["sample"]: row["verdict"] for row in judged},
        provenance=provenance,
    )
    with written(arguments.output) as temporary:
        temporary.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    reported(main)
