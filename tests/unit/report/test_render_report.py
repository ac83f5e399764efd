import base64
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError

from contrast_results import drug_comparison, sidecar
from imid.differential.two_tests import advice
from imid.evidence.target_verdicts import VERDICTS
from imid.question.contrast_results import UpAndDown, write_result
from imid.report import render_report
from imid.report.render_report import (
    JUDGED,
    ON_PROTEIN,
    UNPUBLISHED,
    advice_on_tests,
    embedded,
    probability,
    signed,
    target_rows,
    verdict_words,
)
from imid.shared.json_files import write_json
from imid.shared.significance import TESTS
from imid.shared.tables import ACTIVITIES, CONTRAST, write_table

FIGURE = '<svg xmlns="http://www.w3.org/2000/svg"><text>α</text></svg>'
VERDICT = {
    "question": "Did IRF4 fall?",
    "contrast": "pomalidomide_vs_dmso",
    "answer": "yes",
    "evidence": "log2 fold change -3.91",
    "rule": "yes: negative, and significant",
}
DISCOVERIES = {"wald": 1234, "quasi_likelihood": 1017}
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """The tables of a page as lists of cells, its attributes, and tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.mismatched = [], []
        self.tables, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, *attribute) for attribute in attributes]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.mismatched.append(tag)

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data

    def row(self, first):
        """The cells of the row that begins with a word, without blanks around them."""
        rows = [[cell.strip() for cell in row] for table in self.tables for row in table]
        return next(row for row in rows if row and row[0] == first)


def contrast_row(gene_id, gene_name, change):
    numbers = [1234.4, change, 0.1, change / 0.1, 1e-9, 3e-8]
    cells = [gene_id, gene_name, *numbers, "tested"]
    return dict.fromkeys(CONTRAST) | dict(zip(CONTRAST, cells, strict=False))


def write_contrast(folder, name, significant):
    told = sidecar(
        *name.split("_vs_"),
        genes={"tested": 12_345},
        significant=UpAndDown(up=len(significant), down=0),
        discoveries=DISCOVERIES,
        which_to_trust=advice(DISCOVERIES, 3),
    )
    table = pd.DataFrame(significant, columns=CONTRAST)
    write_table(table, folder / f"{name}.significant.tsv")
    write_result(told, folder / f"{name}.json")


def activity(name, contrast, change, observed, **known):
    row = {
        **{"activity": name, "contrast": contrast, "genes": 10, "found": 8, "log2_change": change},
        **{"ci_low": change - 0.2, "ci_high": change + 0.2, "p_value": 0.001, "resting_on": "MX1"},
        **{"holm_p_value": 0.004, "observed": observed, "reason": None},
    }
    return row | known


TOO_FEW = "1 of its 29 genes are expressed, too few to tell"
MEASURED = [
    activity("interferon_response", "lenalidomide_vs_dmso", 1.01, "up"),
    activity("mapk", "lenalidomide_vs_dmso", -0.1, "not shown"),
    activity("e2f_targets", "lenalidomide_vs_dmso", np.nan, "not measurable", reason=TOO_FEW),
]


def write_cell_line(folder, targets, significant, figures, activities=MEASURED):
    """Write the results of a cell line that the report reads; hand back the figures' paths."""
    write_table(targets, folder / "targets.tsv")
    samples = {"sample": ["a"], "cell_line": [folder.name], "treatment": ["dmso"]}
    samples = pd.DataFrame(samples | {"size_factor": [1.0]})
    write_table(pd.DataFrame([VERDICT]), folder / "verdict.tsv")
    write_table(pd.DataFrame(activities).reindex(columns=ACTIVITIES), folder / "activities.tsv")
    write_table(samples, folder / "samples.tsv")
    for name in targets["contrast"].unique():
        write_contrast(folder / "contrasts", name, significant)
    paths = [folder / "figures" / f"{name}.svg" for name in figures]
    (folder / "figures").mkdir(exist_ok=True)
    for path in paths:
        path.write_text(FIGURE)
    return [str(path) for path in paths]


def tables_of(folder):
    """Name a cell line's tables as the rule does."""
    return [str(path) for path in sorted(folder.rglob("*")) if path.suffix in {".tsv", ".json"}]


SECTIONS = {"activities": "activities"}


def words_of(figures, answers):
    """Give what the plan says of figures, each of a kind of its own; some are the answer."""
    said = {"caption": "under {of}", "alt": "instead of {of}"}
    declared = {
        figure: {"section": SECTIONS.get(figure, "figures"), **said}
        | ({"section": "answer"} if figure in answers else {})
        for figure in figures
    }
    return {"declared": declared, "pictures": [[figure, {"of": figure}] for figure in figures]}


def write_run(folder, exclude, **told):
    """Write what the report reads of the run as a whole."""
    summary = {
        **{"sample": "MM1S_dmso_1", "sequenced": 26_000, "fragments": 25_000},
        **{"unaligned": 1000, "multimapped": 500, "low_quality": 10, "no_feature": 2000},
        **{"ambiguous": 300, "assigned": 21_190, "aligned_share": 0.96},
        **{"assigned_share": 0.8476, "strandedness": "strandedness is 'reverse'"},
        **{"adapter_cut": "overlap: illumina", "adapter_share": 0.021},
        **{"reads_changed": "7 bases of RNA (U)", "remarks": "adapters cut in 2 of 3 reads"},
    }
    write_table(pd.DataFrame([summary]), folder / "samples.tsv")
    provenance = {
        "written": "2024-05-01T12:00:00+00:00",
        "commit": "0123abc",
        "config": {"exclude": exclude, "differential": {"fdr": 0.05, "log2_fold_change": 1.0}},
        "programs": {"STAR": "2.7.10b"},
        "libraries": {"pydeseq2": "0.5.4"},
        **{"warnings": [], "failures": [], "unfinished": [], **told},
    }
    (folder / "provenance.json").write_text(json.dumps(provenance))


@pytest.fixture
def render(tmp_path, targets):
    """Render the report of the cell line MM1S, and hand back its text."""

    def write_and_render(
        targets=targets,
        significant=(),
        figures=("pca",),
        exclude=(),
        answers=(),
        activities=MEASURED,
        verdicts=(),
        **told,
    ):
        line = tmp_path / "cell_lines" / "MM1S"
        paths = write_cell_line(line, targets, significant, figures, activities)
        other = tmp_path / "cell_lines" / "other"
        paths += write_cell_line(other, targets, [], ["other"])
        words = words_of([*figures, "other"], answers)
        write_run(tmp_path, list(exclude), **told)
        judged = pd.DataFrame(verdicts, columns=["sample", "verdict"])
        write_table(judged, tmp_path / "verdicts.tsv")
        render_report.main(
            [
                *["--fits", str(line), "--figures", *paths, "--words", json.dumps(words)],
                *["--tables", *tables_of(line), *tables_of(other)],
                *["--samples", str(tmp_path / "samples.tsv")],
                *["--verdicts", str(tmp_path / "verdicts.tsv")],
                *["--provenance", str(tmp_path / "provenance.json")],
                *["--output", str(tmp_path / "report.html")],
            ]
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return write_and_render


# Activities


def test_activities_have_their_figure_and_their_numbers(render):
    text = render(figures=["activities", "pca"])
    section = text[text.index("MM1S: activities</h3>") : text.index("MM1S: contrasts</h3>")]
    assert 'alt="MM1S: instead of activities"' in section
    assert "instead of pca" not in section
    rows = [row for row in section.split("<tr>") if "lenalidomide_vs_dmso" in row]
    assert [row.count("▲") + row.count("▼") for row in rows] == [1, 0, 0]
    assert "<td>interferon response</td>" in rows[0]
    assert "▲ +1.01</td>" in rows[0]
    assert "+0.81 to +1.21" in rows[0]
    assert TOO_FEW in rows[2]


def test_where_no_activity_could_be_measured_the_section_is_a_line(render):
    text = render(figures=["activities", "pca"], activities=MEASURED[2:])
    section = text[text.index("MM1S: activities</h3>") : text.index("MM1S: contrasts</h3>")]
    assert section.count("<p") == 1
    assert "None could be measured" in section
    assert "<table" not in section
    assert "<figure" not in section


# Numbers


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.504, "+1.50"), (-1.506, "−1.51"), (0.0, "+0.00"), (np.nan, "–"), (-11.0, "−11.00")],
)
def test_a_fold_change_has_its_sign_and_two_decimals(value, words):
    assert signed(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.5, "0.50"),
        (0.034, "0.03"),
        (0.01, "0.01"),
        (0.0012, "1e-3"),
        (3.2e-8, "3e-8"),
        (1e-10, "1e-10"),
        (4e-100, "4e-100"),
        (0.0, "<1e-300"),
        (np.nan, "–"),
    ],
)
def test_a_probability_is_written_short(value, words):
    assert probability(value) == words


def test_a_figure_becomes_an_address_that_holds_it(tmp_path):
    (tmp_path / "pca.svg").write_text(FIGURE)
    kind, content = embedded(tmp_path / "pca.svg").split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(content).decode() == FIGURE


def test_the_contrasts_of_a_target_stand_side_by_side(targets):
    rows = target_rows(targets)
    assert [row["gene_name"] for row in rows] == ["IRF4", "IKZF1", "MICA", "PVR"]
    changes = {name: result["log2_fold_change"] for name, result in rows[0]["results"].items()}
    assert changes == {"lenalidomide_vs_dmso": -1.504, "pomalidomide_vs_dmso": -2.25}


# The page


FELL, STAYED = "it fell, as published", "the drug acts on the protein"


@pytest.mark.parametrize(
    ("gene", "acts_on", "first", "second", "verdict", "reason"),
    [
        (
            *("IRF4", "rna", "▼ −1.50 (−1.70 to −1.30; FDR 1e-28)"),
            *("▼ −2.25 (−2.45 to −2.05; FDR 1e-28)", f"✓ {FELL}", FELL),
        ),
        (
            *("IKZF1", "protein", "+0.13 (−0.07 to +0.33; FDR 0.50)"),
            *("−0.07 (−0.27 to +0.13; FDR 0.50)", ON_PROTEIN, STAYED),
        ),
    ],
)
def test_each_target_has_its_row_with_the_verdict_in_its_cell(
    render, gene, acts_on, first, second, verdict, reason
):
    row = [" ".join(cell.split()) for cell in Page(render()).row(gene)]
    told = f"{verdict}{reason}"
    assert row == [gene, acts_on, f"{first} {told}", f"{second} {told}"]


@pytest.mark.parametrize(
    ("gene", "reason"), [("MICA", "too few reads to be tested"), ("PVR", "not in the annotation")]
)
def test_a_target_that_was_not_tested_has_the_reason(render, gene, reason):
    assert Page(render()).row(gene) == [gene, "rna", reason, reason]


NUMBERS = {"log2_fold_change": -1.95, "ci_low": -2.26, "ci_high": -1.65, "fdr": 1.6e-33}


def told_of(verdict, reason, acts_on="rna"):
    row = {"verdict": verdict, "verdict_reason": reason, "acts_on": acts_on}
    return verdict_words(row | NUMBERS)


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        (
            *("supports", "down as expected: -1.95 (-2.26 to -1.65), FDR 1.6e-33; here MM1S"),
            "✓ down as expected",
        ),
        (
            *("supports", "as published (+0.57 here, +0.47 there); here MM1S; there MM.1S"),
            "✓ as published (+0.57 here, +0.47 there)",
        ),
        (
            *("inconclusive", "not clear: -1.95 (-2.26 to -1.65), FDR 1.6e-33; a fall of 2"),
            "inconclusive: not clear",
        ),
        (
            *("not_comparable", "not comparable: 0 h control (+0.22 here, -0.02 there); here"),
            "not comparable: 0 h control (+0.22 here, -0.02 there)",
        ),
    ],
)
def test_a_verdict_is_told_without_the_numbers_beside_it_and_the_settings(verdict, reason, words):
    assert told_of(verdict, reason) == words


def test_every_verdict_on_a_tested_target_is_told_in_its_own_way():
    tested = [verdict for verdict in VERDICTS if verdict != "not_measurable"]
    assert {*JUDGED, "no_expectation"} == {*tested}
    assert len({told_of(verdict, "so; here") for verdict in tested}) == len(tested)
    assert told_of("no_expectation", "the panel says nothing") == UNPUBLISHED
    assert told_of("no_expectation", "no direction expected", "protein") == ON_PROTEIN


def test_only_what_is_significant_is_marked(render, targets):
    small = targets.assign(significant="no")
    row = Page(render(small)).row("IRF4")
    assert row[2].startswith("−1.50 (")


def test_the_verdict_on_the_experiment_comes_first_with_its_rule(render):
    table = Page(render()).tables[0]
    assert table[0][0] == "yes"
    assert "Did IRF4 fall?" in table[0][1]
    assert "log2 fold change -3.91" in table[0][2]
    assert "yes: negative, and significant" in table[0][2]


def test_whether_the_samples_can_be_trusted_comes_before_what_they_say(render):
    page = render(verdicts=[("MM1S_dmso_1", "fail"), ("02", "pass"), ("03", "warn")])
    told = "1 of 3 samples pass.</strong> The warnings say what is wrong with the others."
    assert page.index(told) < page.index("Did the experiment work?")
    row = next(row for row in page.split("<tr>") if "MM1S_dmso_1" in row and "26,000" in row)
    assert '<span class="answer fail">fail</span>' in row
    assert "what is wrong with" not in render(verdicts=[("MM1S_dmso_1", "pass")])
    assert "samples pass" not in render(unfinished=["verdicts.tsv"])


def test_a_number_with_an_exponent_is_not_broken():
    told = render_report.unbroken("one-sided p 2.3e-07 < 1")
    assert told == 'one-sided p <span class="whole">2.3e-07</span> &lt; 1'


def test_samples_that_are_left_out_are_told_at_the_top(render):
    assert "Left out" not in render()
    page = render(exclude=[{"sample": "MM1S_dmso_9", "reason": "swapped with another"}])
    assert "MM1S_dmso_9 (swapped with another)." in page
    assert page.index("MM1S_dmso_9") < page.index("Did the experiment work?")


def test_warnings_stand_where_they_belong(render):
    page = render(
        warnings=[
            {"about": None, "warning": "of <the> run"},
            {"about": "cell_lines/MM1S", "warning": "of this line"},
            {"about": "cell_lines/other", "warning": "of no line that is shown"},
        ]
    )
    places = ["of &lt;the&gt; run", 'id="cell_lines-MM1S"', "of this line", "Did the experiment"]
    assert sorted(places, key=page.index) == places
    assert "of no line" not in page
    assert "Warning" not in render()


FAILED = [
    {"rule": "fit", "wildcards": "fit=cell_lines/MM1S", "log": "logs/fit.log", "says": ["a", "<b>"]}
]


def test_a_line_without_its_tables_is_told_with_what_failed(render, tmp_path):
    missing = str(tmp_path / "cell_lines/MM1S/verdict.tsv")
    text = render(failures=FAILED, unfinished=[missing])
    page = Page(text)
    assert "fit fit=cell_lines/MM1S" in text
    assert "a\n&lt;b&gt;" in text
    assert "Not made: verdict.tsv." in text
    assert "Did the experiment work?" not in text
    assert (page.open, page.mismatched) == ([], [])


def test_a_figure_that_was_not_made_leaves_the_others_in_their_places(render, tmp_path):
    missing = str(tmp_path / "cell_lines/MM1S/figures/evidence.svg")
    figures = ["evidence", "targets", "pca"]
    text = render(figures=figures, answers=figures[:2], failures=FAILED, unfinished=[missing])
    shown = [value for tag, name, value in Page(text).attributes if (tag, name) == ("img", "alt")]
    assert shown == ["MM1S: instead of targets", "MM1S: instead of pca"]
    places = ["MM1S: instead of targets", "<strong>IRF4", "MM1S: instead of pca"]
    assert sorted(places, key=text.index) == places
    assert "Not made: figures/evidence.svg." in text


def test_a_missing_number_of_a_sample_is_a_dash(render, tmp_path):
    filters = render_report.template_environment(tmp_path).filters
    assert (filters["whole"](np.nan), filters["percent"](np.nan)) == ("–", "–")


def test_a_comparison_of_drugs_is_told_in_words_and_numbers(render, tmp_path):
    comparison = replace(
        drug_comparison(),
        caption="It changes 1.5 times as far.",
        classes={"stronger in pomalidomide": 1234},
    )
    folder = tmp_path / "cell_lines/MM1S/comparisons"
    folder.mkdir(parents=True)
    write_json(comparison, folder / "one.against.other.json")
    page = render()
    assert "It changes 1.5 times as far." in page
    assert Page(page).row("stronger in pomalidomide") == ["stronger in pomalidomide", "1,234"]


def test_targets_stand_under_their_groups(render):
    rows = [row[0].strip() for row in Page(render()).tables[1][1:]]
    assert rows == ["core", "IRF4", "IKZF1", "immune ligand", "MICA", "PVR"]


def test_the_answer_comes_before_the_contrasts(render):
    page = render(answers=["pca"])
    places = ["Did the experiment work?", "<img", "<strong>IRF4", "MM1S: contrasts"]
    assert sorted(places, key=page.index) == places


def test_the_direction_of_each_contrast_is_said_in_words(render):
    assert "positive: higher in pomalidomide than in dmso" in render()


def test_the_page_names_the_discoveries_of_both_tests_and_once_which_to_trust(render):
    text = render()
    page = Page(text)
    contrasts = next(table for table in page.tables if "fold change" in table[0])
    assert contrasts[0][-2:] == [f"by {words}" for words in TESTS.values()]
    assert [row[-2:] for row in contrasts[1:]] == [["1,234", "1,017"]] * 2
    assert text.count("With 3 replicates trust the quasi-likelihood F-test") == 1


def test_advice_on_tests_is_given_for_each_number_of_replicates():
    results = [sidecar(which_to_trust=advice(DISCOVERIES, number)) for number in [3, 3, 12]]
    few, many = advice_on_tests([*results, sidecar()])
    assert few.startswith("With 3 replicates trust")
    assert many == "With 12 replicates both rates hold; trust either."


def test_leading_genes_are_listed_in_the_order_of_the_table(render):
    genes = [contrast_row(f"ENSG{n}", f"GENE{n}", (-1) ** n * 2.5) for n in range(40)]
    page = Page(render(significant=genes))
    listed = [row[0] for row in page.tables[4][1:]]
    assert listed == [f"GENE{n}" for n in range(render_report.LEADING_GENES)]
    assert page.row("GENE1") == ["GENE1", "ENSG1", "1,234", "−2.50", "0.10", "3e-8"]


def test_a_contrast_without_significant_genes_says_so(render):
    assert render(significant=[]).count("no significant gene") == 2


def test_a_sample_has_its_numbers(render):
    assert Page(render()).row("MM1S_dmso_1") == [
        *["MM1S_dmso_1", "26,000", "25,000", "96.0%", "84.8%", "500", "2,000", "300"],
        "overlap: illumina, 2.1%",
    ]


def test_what_is_odd_about_a_sample_stands_beside_its_numbers(render):
    assert "MM1S_dmso_1: adapters cut in 2 of 3 reads; 7 bases of RNA (U)." in render()


def test_config_and_versions_are_on_the_page(render):
    page = render()
    assert Page(page).row("STAR") == ["STAR", "2.7.10b"]
    assert Page(page).row("pydeseq2") == ["pydeseq2", "0.5.4"]
    assert "0123abc" in page
    assert "log2_fold_change" in page


def test_versions_that_made_results_are_on_the_page_where_there_are_several(render):
    old = {"commit": "4567def", "first": "2024-01-02T03:04:05", "last": "2024-02-03", "jobs": 9}
    assert "several versions" not in render(versions=[old], unrecorded=[])
    new = {"commit": "0123abc", "first": "2024-05-01T01:00", "last": "2024-05-01T02:00", "jobs": 2}
    page = " ".join(render(versions=[old, new], unrecorded=["a.tsv", "b.tsv"]).split())
    assert "4567def (9 jobs, 2024-01-02 to 2024-02-03); 0123abc (2 jobs, " in page
    assert "; 2 files by one that kept no record" in page


def test_a_cell_line_shows_its_own_figures_in_the_order_given(render):
    page = Page(render(figures=["pca", "volcano_pomalidomide_vs_dmso"]))
    shown = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert shown == ["MM1S: instead of pca", "MM1S: instead of volcano_pomalidomide_vs_dmso"]


def test_a_figure_stands_where_it_says_with_its_caption(render):
    text = render(figures=["pca", "evidence"], answers=["evidence"])
    places = ["under evidence</figcaption>", "<strong>IRF4", "under pca</figcaption>"]
    assert sorted(places, key=text.index) == places


def test_words_of_other_figures_than_the_given_are_an_error():
    with pytest.raises(ValueError, match="zip"):
        render_report.worded([Path("pca.svg")], words_of(["pca", "ma"], []))


def test_the_page_needs_no_other_place(render):
    text = render()
    for address in ["http://", "https://", "url(", "@import", "<script", "<link"]:
        assert address not in text
    page = Page(text)
    sources = [value for _, name, value in page.attributes if name in {"src", "srcset"}]
    assert len(sources) >= 1
    assert all(source.startswith("data:") for source in sources)
    links = [value for _, name, value in page.attributes if name == "href"]
    assert not any(link.startswith(("/", "//", "file:")) for link in links)


def test_links_within_the_page_lead_somewhere(render):
    page = Page(render())
    places = {value for _, name, value in page.attributes if name == "id"}
    links = {value for _, name, value in page.attributes if name == "href" and value[0] == "#"}
    assert len(links) >= 1
    assert {link[1:] for link in links} <= places


def test_every_tag_is_closed(render):
    page = Page(render(significant=[contrast_row("ENSG1", "GENE1", 2.0)]))
    assert (page.open, page.mismatched) == ([], [])


@pytest.mark.parametrize("name", ["<b>A&B</b>", "\"><img src='x'>"])
def test_names_are_shown_as_they_are_and_not_as_markup(render, targets, name):
    targets.loc[targets["gene_name"] == "IRF4", ["gene_name", "gene_id"]] = name
    page = Page(render(targets, significant=[contrast_row("ENSG1", name, 2.0)]))
    assert page.row(name)[1] == "rna"
    assert page.tables[4][1][0] == name
    assert ("td", "title", name) in page.attributes
    assert (page.open, page.mismatched) == ([], [])


def test_a_value_that_a_template_names_but_does_not_get_is_an_error(tmp_path):
    template = render_report.template_environment(tmp_path).from_string("{{ absent }}")
    with pytest.raises(UndefinedError, match="absent"):
        template.render()


def test_what_is_not_named_is_not_read(tmp_path, targets):
    """Results of contrasts that the config no longer has lie in the same folders."""
    line = tmp_path / "cell_lines" / "MM1S"
    write_cell_line(line, targets, [], [])
    tables = [Path(name) for name in tables_of(line)]
    write_contrast(line / "contrasts", "old_vs_dmso", [])
    (line / "comparisons").mkdir()
    (line / "comparisons/old_vs_dmso.against.new_vs_dmso.json").write_text("{}")
    fit = render_report.read_fit(line, tables, [], [], [])
    assert [contrast["result"].name for contrast in fit["contrasts"]] == sorted(
        targets["contrast"].unique()
    )
    assert fit["comparisons"] == []


def test_lines_of_a_joint_fit_are_headed_apart_from_each_alone(tmp_path, targets):
    joint = tmp_path / "joint" / "MM1S+MM1S_res"
    write_cell_line(joint, targets, [], [])
    fit = render_report.read_fit(joint, [*map(Path, tables_of(joint))], [], [], [])
    assert fit["name"] == "MM1S and MM1S_res"
    assert fit["heading"] == "MM1S and MM1S_res, in one model"
