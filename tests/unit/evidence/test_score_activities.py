"""The named activities: their genes, and what is said where some rise."""

import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from imid.evidence import score_activities
from imid.evidence.activity_sets import (
    ACTIVITIES,
    INTERFERON,
    NAMES,
    PANEL_GROUP,
    activity_sets,
    of_panel,
)
from imid.question.contrast_results import write_result
from imid.shared import tables
from imid.shared.paths import resource
from imid.shared.tables import read_table, write_table
from imid.userfiles.check_table import read_user_table

PANEL = resource("resources/targets.tsv")
SAMPLES = [f"s{number}" for number in range(9)]


@pytest.fixture(scope="module")
def panel():
    return read_user_table(PANEL, str(PANEL)).rows


@pytest.fixture(scope="module")
def genes(panel):
    """All genes of the activities and the panel, by the ids of an annotation with versions."""
    known = pd.concat([read_table(ACTIVITIES), panel])[["gene_id", "gene_name"]]
    known = known.drop_duplicates("gene_name").drop_duplicates("gene_id")
    known = known[known["gene_id"] != ""]
    return known.assign(gene_id=known["gene_id"] + ".7", base_mean=500.0).reset_index(drop=True)


# The weights


def test_each_activity_has_weighted_genes_each_once():
    table = read_table(ACTIVITIES)
    assert table["activity"].unique().tolist() == [*NAMES]
    assert not table.duplicated(["activity", "gene_name"]).any()
    known = table[table["gene_id"] != ""]
    assert not known.duplicated(["activity", "gene_id"]).any()
    assert known["gene_id"].str.fullmatch(r"ENSG\d{11}").all()
    assert (table["weight"] != 0).all()


def test_a_factor_is_no_target_of_its_own():
    table = read_table(ACTIVITIES).set_index("activity")["gene_name"]
    for activity, factor in [("irf4_targets", "IRF4"), ("myc_targets", "MYC")]:
        assert factor not in table[activity].tolist()


def test_symbols_and_ids_of_the_panel_are_those_of_the_activities(panel):
    """Of one gene both tables say the same."""
    table = read_table(ACTIVITIES)
    ids = panel.drop_duplicates("gene_id").set_index("gene_name")["gene_id"]
    both = table[table["gene_name"].isin(ids.index)]
    assert len(both) > 20
    assert (both["gene_id"] == both["gene_name"].map(ids)).all()


def test_the_panels_interferon_genes_have_weights(panel):
    weighted = read_table(ACTIVITIES).set_index("activity").loc[INTERFERON, "gene_name"]
    group = panel.loc[panel["group"] == PANEL_GROUP, "gene_name"]
    assert set(group) <= set(weighted)


# Which genes


def test_genes_are_found_whatever_their_version_and_only_where_expressed(genes, panel):
    genes = genes.assign(base_mean=np.where(genes["gene_name"] == "MX1", 9.9, 10.0))
    found = activity_sets(genes, panel)
    assert list(found) == list(NAMES)
    assert (found[INTERFERON].genes, len(found[INTERFERON].weights)) == (10, 9)
    assert all(each.reason is None for each in found.values())
    assert len(found["e2f_targets"].weights) > 190
    assert found["myc_targets"].weights.min() == -1


def test_the_users_panel_says_which_the_interferon_genes_are():
    weights = pd.DataFrame({"gene_id": ["E1", "E2"], "gene_name": ["ISG15", "MX1"]})
    rows = [("E1", "ISG15", "interferon"), ("E9", "NEW", "interferon"), ("E2", "MX1", "core")]
    rows = pd.DataFrame(rows, columns=["gene_id", "gene_name", "group"]).assign(aliases="")
    chosen = of_panel(rows, weights.assign(weight=[4.0, 6.0]))
    assert chosen.set_index("gene_name")["weight"].to_dict() == {"ISG15": 4.0, "NEW": 4.0}
    unknown = of_panel(rows[1:2], weights.assign(weight=[4.0, 6.0]))
    assert unknown["weight"].tolist() == [1.0]


def test_other_species_and_panels_without_the_group_are_told(genes, panel):
    mouse = genes.assign(
        gene_id="ENSMUSG" + genes.index.astype(str).str.zfill(11),
        gene_name=genes["gene_name"].str.capitalize(),
    )
    reasons = {name: each.reason for name, each in activity_sets(mouse, panel).items()}
    assert reasons[INTERFERON] == "0 of its 10 genes are expressed, too few to tell"
    assert None not in reasons.values()
    bare = activity_sets(genes, panel[panel["group"] != PANEL_GROUP])
    assert bare[INTERFERON].reason == "the panel has no genes of the group interferon"
    assert bare["mapk"].reason is None


# The step


def run(folder, genes, values):
    """Score nine samples, three of each of two drugs and of a control."""
    design = pd.DataFrame({"sample": SAMPLES, "Intercept": 1.0})
    design = design.assign(len=np.repeat([0.0, 1.0, 0.0], 3), pom=np.repeat([0.0, 0.0, 1.0], 3))
    write_table(design, folder / "design.tsv")
    named = genes[["gene_id", "gene_name"]]
    write_table(named.join(pd.DataFrame(values, columns=SAMPLES)), folder / "vst.tsv")
    write_table(genes[["gene_id", "base_mean"]], folder / "dispersions.tsv")
    results = {
        "lenalidomide": {"len": 1.0, "Intercept": 0.0},
        "pomalidomide": {"pom": 1.0, "len": 0.0},
    }
    files = []
    for drug, coefficients in results.items():
        files.append(str(folder / f"{drug}.json"))
        write_result(sidecar(drug, coefficients=coefficients), folder / f"{drug}.json")
    score_activities.main(
        [
            *["--vst", str(folder / "vst.tsv"), "--dispersions", str(folder / "dispersions.tsv")],
            *["--design", str(folder / "design.tsv"), "--sidecars", *files],
            *["--panel", str(PANEL), "--table", str(folder / "activities.tsv")],
            *["--scores", str(folder / "scores.tsv")],
        ]
    )
    table = read_table(folder / "activities.tsv")
    return table, read_table(folder / "scores.tsv", index="activity")


@pytest.fixture
def noise(genes):
    """Transformed counts in which genes go together from sample to sample."""
    random = np.random.default_rng(1)
    together = random.normal(0, 0.1, 9)
    return random.normal(8, 2, (len(genes), 1)) + together + random.normal(0, 0.3, (len(genes), 9))


def test_what_was_planted_is_found_in_its_contrast(genes, noise, tmp_path):
    table = read_table(ACTIVITIES).set_index("activity")["gene_name"]
    e2f = genes["gene_name"].isin(table["e2f_targets"])
    stress = genes["gene_name"].isin(table["integrated_stress_response"])
    noise[np.ix_(e2f, [3, 4, 5])] -= 1
    noise[np.ix_(stress, [6, 7, 8])] += 1.5
    found, scores = run(tmp_path, genes, noise)
    assert found.columns.tolist() == tables.ACTIVITIES
    observed = found.set_index(["contrast", "activity"])["observed"]
    changed = observed[observed != "not shown"].to_dict()
    assert changed == {
        ("lenalidomide_vs_dmso", "e2f_targets"): "down",
        ("pomalidomide_vs_dmso", "integrated_stress_response"): "up",
    }
    rows = found.set_index(["contrast", "activity"])
    row = rows.loc["lenalidomide_vs_dmso", "e2f_targets"]
    assert row["ci_low"] < -1 < row["ci_high"] < 0
    assert row["freedom"] == 6
    assert row["p_value"] <= row["p_value_without_one"] <= row["holm_p_value"]
    assert row["direction"] == "positive: higher in lenalidomide than in dmso"
    differences = scores.loc["e2f_targets"][SAMPLES].to_numpy().reshape(3, 3).mean(axis=1)
    assert differences[1] - differences[0] == pytest.approx(row["log2_change"])


def test_one_gene_makes_no_activity(genes, noise, tmp_path):
    noise[np.ix_(genes["gene_name"] == "ISG15", [3, 4, 5])] += 30
    found, _ = run(tmp_path, genes, noise)
    row = found.set_index(["contrast", "activity"]).loc["lenalidomide_vs_dmso", INTERFERON]
    assert row["log2_change"] > 2
    assert row["resting_on"] == "ISG15"
    assert row["p_value"] < 0.001
    assert row["observed"] == "not shown"


def test_where_nothing_can_be_measured_the_table_says_why(genes, noise, tmp_path):
    foreign = genes.assign(gene_id="X" + genes["gene_id"], gene_name="")
    found, scores = run(tmp_path, foreign, noise)
    assert len(found) == 16
    assert set(found["observed"]) == {"not measurable"}
    assert found["reason"].notna().all()
    assert found["log2_change"].isna().all()
    assert scores.empty
