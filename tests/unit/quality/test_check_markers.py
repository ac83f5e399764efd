import numpy as np
import pandas as pd
import pytest

from imid.quality import check_markers
from imid.quality.judge_samples import judged_figures
from imid.quality.line_markers import MARKERS_OF_LINES, known_genes, plasma_cell_share
from imid.quality.measured_sample import read_measured
from imid.question.sample_figures import sample_figures
from imid.shared.counters import COUNTERS
from imid.shared.tables import MARKERS, read_table, write_table

LINES = {"MM1S_1": "MM1S", "MM1S_2": "MM1S", "MM1S_3": "MM1S", "HS5_1": "HS5", "HS5_2": "HS5"}
HIGH, NONE = 3000, 0
FRAGMENTS = 1_000_000


@pytest.fixture
def genes():
    """The markers, immunoglobulins, and one gene that stands for all others."""
    markers = read_table(MARKERS_OF_LINES)[["gene_id", "gene_name"]]
    table = markers.assign(biotype="protein_coding", length=1000)
    table["gene_id"] += ".7"
    others = [("ENSGIG", "IGHG1", "IG_C_gene", 900), ("ENSGOT", "ACTB", "protein_coding", 900)]
    columns = ["gene_id", "gene_name", "biotype", "length"]
    return pd.concat([table, pd.DataFrame(others, columns=columns)], ignore_index=True)


@pytest.fixture
def run(tmp_path, genes):
    """Run the step on fragments by gene_name and sample; give what is measured, by sample."""

    def of(levels, lines=LINES, stroma=("HS5",), fragments=FRAGMENTS):
        write_table(genes, tmp_path / "genes.tsv")
        for sample in lines:
            counts = dict.fromkeys(genes["gene_name"], 0) | {"ACTB": fragments}
            counts |= {gene: values.get(sample, 0) for gene, values in levels.items()}
            rows = [f"{i}\t{counts[n]}" for i, n in genes[["gene_id", "gene_name"]].to_numpy()]
            rows += [f"{counter}\t0" for counter in COUNTERS]
            (tmp_path / f"{sample}.tsv").write_text("\n".join(rows) + "\n")
        outputs = {sample: tmp_path / f"{sample}.json" for sample in lines}
        check_markers.main(
            [
                *["--genes", str(tmp_path / "genes.tsv"), "--samples", *lines],
                *["--lines", *lines.values(), "--stroma", *stroma, "--counts"],
                *[str(tmp_path / f"{sample}.tsv") for sample in lines],
                *["--table", str(tmp_path / "markers.tsv"), "--outputs"],
                *map(str, outputs.values()),
            ]
        )
        return {sample: read_measured(output) for sample, output in outputs.items()}

    return of


def of_line(line, level):
    return {sample: level for sample, own in LINES.items() if own == line}


def test_samples_of_a_line_that_agree_are_not_flagged(run, tmp_path):
    found = run({"MAF": of_line("MM1S", HIGH), "XIST": of_line("HS5", HIGH)})
    for measured in found.values():
        assert measured.figures["marker_disagreement"] == 0
        assert measured.notes == {}
        assert measured.warnings == []
    table = read_table(tmp_path / "markers.tsv")
    assert list(table) == MARKERS
    maf = table[table["gene_name"] == "MAF"].set_index("sample")["state"]
    assert maf.to_dict() == {s: "on" if own == "MM1S" else "off" for s, own in LINES.items()}


def test_a_sample_whose_marker_is_not_its_lines_is_told(run):
    found = run(
        {
            "MAF": of_line("MM1S", HIGH) | {"MM1S_3": NONE},
            "NSD2": {"MM1S_3": HIGH},
            # Neither on nor off: myeloma is leaky.
            "CCND1": of_line("MM1S", 10) | {"MM1S_3": HIGH},
        }
    )
    assert found["MM1S_3"].figures["marker_disagreement"] == 2
    note = found["MM1S_3"].notes["marker_disagreement"]
    assert "MAF is off (0 of a million fragments), in the other samples of MM1S on (2.99" in note
    assert "NSD2 is on" in note
    assert "CCND1" not in note
    # That is told with its verdict.
    assert found["MM1S_3"].warnings == [
        "sample MM1S_3: MM1S is known for MAF (t(14;16); no source seen), and here it is off"
    ]
    # The others' middle is of one that is on and one that is off.
    assert found["HS5_1"].figures["marker_disagreement"] == 0


def test_sex_is_remarked_and_not_counted(run):
    found = run({"MAF": of_line("MM1S", HIGH), "RPS4Y1": {"MM1S_1": HIGH}})
    assert found["MM1S_1"].figures["marker_disagreement"] == 0
    (warning,) = found["MM1S_1"].warnings
    assert warning.startswith("sample MM1S_1: RPS4Y1 is on (")
    assert "may have lost it" in warning


def test_sex_is_told_by_an_annotation_without_translocations(run, genes):
    genes.drop(genes.index[~genes["gene_name"].isin(["RPS4Y1", "ACTB"])], inplace=True)
    found = run({"RPS4Y1": {"MM1S_1": HIGH}})
    assert "RPS4Y1 is on" in found["MM1S_1"].warnings[0]
    assert "none of the genes" in found["MM1S_1"].notes["marker_disagreement"]


def test_what_a_known_line_lacks_is_remarked(run):
    found = run({})
    assert found["MM1S_1"].figures["marker_disagreement"] == 0
    assert "MM1S is known for MAF (t(14;16)" in found["MM1S_1"].warnings[0]
    assert found["HS5_1"].notes == {}
    assert found["HS5_1"].warnings == []
    assert known_genes("kms 11")[0] == ["NSD2", "FGFR3"]
    assert known_genes("MM1S_res") is None


def test_plasma_cells_among_stroma_are_told(run):
    share = 0.03
    plasma = round(FRAGMENTS * share / (1 - share))
    found = run({"IGHG1": {"HS5_1": plasma} | of_line("MM1S", FRAGMENTS)})
    assert found["HS5_1"].figures["plasma_cell_share"] == pytest.approx(share, abs=0.001)
    (judged,) = [
        figure
        for figure in judged_figures("HS5_1", [found["HS5_1"]], sample_figures())
        if figure.verdict == "warn"
    ]
    assert judged.in_words == "Plasma cells in stroma 3.0%, above 0.5%"
    assert found["HS5_2"].figures["plasma_cell_share"] == 0
    # In myeloma they belong.
    assert "plasma_cell_share" not in found["MM1S_1"].figures


def test_too_few_fragments_tell_nothing(run, tmp_path):
    found = run({"MAF": {"MM1S_1": 30}}, fragments=400_000)
    assert "marker_disagreement" not in found["MM1S_1"].figures
    assert found["HS5_1"].notes["marker_disagreement"].startswith("too few fragments in genes")
    table = read_table(tmp_path / "markers.tsv")
    assert list(table) == MARKERS
    assert table.empty


def test_nobody_but_stroma_is_asked_for_plasma_cells(run, tmp_path):
    run({}, fragments=FRAGMENTS)
    table = read_table(tmp_path / "markers.tsv")
    assert set(table.loc[table["kind"] == "plasma_cell", "cell_line"]) == {"HS5"}
    assert set(table["cell_line"]) == {"MM1S", "HS5"}
    assert table[["per_million", "state", "others", "others_state"]].notna().all(axis=None)


def test_a_sample_alone_in_its_line_has_nothing_to_agree_with(run):
    found = run({}, lines={"HS5_1": "HS5"})
    assert "no other sample of its line" in found["HS5_1"].notes["marker_disagreement"]


def test_an_annotation_without_plasma_cells_genes(genes):
    counts = pd.DataFrame({"a": [5]}, index=["ENSGOT"])
    assert plasma_cell_share(counts, genes, []) is None
    assert np.isfinite(plasma_cell_share(counts.set_axis(["ENSGIG"]), genes, [])["a"])
