import csv

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, kstest, norm, ttest_1samp

from contrast_results import sidecar
from imid.evidence import enrich
from imid.evidence.enrich import (
    LEADING,
    collections_of,
    leading_sets,
    match_sets,
    over_replicates,
    panel_sets,
    rank_genes,
    score_sets,
)
from imid.evidence.set_scores import Replicates
from imid.question.contrast_results import write_result
from imid.shared.problems import InputError
from imid.shared.significance import QUASI_LIKELIHOOD
from imid.shared.tables import CONTRAST, read_table, write_table

GENES = 600


def contrast(stats, **columns):
    """A contrast table of genes g000, g001 ... with symbols S000, S001 ..."""
    names = [f"{number:03}" for number in range(len(stats))]
    table = pd.DataFrame({"gene_id": names, "gene_name": names, "stat": stats, "status": "tested"})
    table["gene_id"] = "ENSG00000000" + table["gene_id"] + ".4"
    table["gene_name"] = "S" + table["gene_name"]
    return table.assign(**columns).reindex(columns=CONTRAST)


def ranking_of(stats):
    """A ranking of genes a, b, c ..., given from the largest statistic on."""
    names = list("abcdefghijklmnopqrstuvwxyz")[: len(stats)]
    return pd.DataFrame({"gene_id": names, "label": names, "stat": np.asarray(stats, dtype=float)})


@pytest.fixture(scope="module")
def planted():
    """A contrast in which some genes are shifted up, some down; sets of these and of others."""
    random = np.random.default_rng(3)
    stats = random.normal(0, 1.5, GENES)
    stats[:20] += 2.5
    stats[20:40] -= 2.5
    table = contrast(stats)
    symbols = table["gene_name"]
    sets = {
        "RISES": symbols[:20].tolist(),
        "FALLS": symbols[20:40].tolist(),
        "BOTH": symbols[10:30].tolist(),
        **{
            f"RANDOM{n}": random.choice(symbols[40:], size, replace=False).tolist()
            for n, size in enumerate(random.integers(5, 60, 150))
        },
    }
    ranking = rank_genes(table)
    return ranking, score_sets(match_sets(sets, ranking)[1], ranking, fewest=5), sets


# The scores


@pytest.mark.parametrize(
    ("members", "score", "leading_edge"),
    [
        # The sum of the members' statistics is 9, and each of 5 others takes a fifth away.
        ("acg", 4 / 9 - 1 / 5 + 2 / 9, "a;c"),
        # It falls below zero at f and rises with g and h.
        ("bgh", -1 / 5 + 3 / 10 - 4 / 5, "h;g"),
        ("abc", 1.0, "a;b;c"),
        ("fgh", -1.0, "h;g;f"),
    ],
)
def test_the_score_is_the_largest_deviation_of_the_running_sum(members, score, leading_edge):
    ranking = ranking_of([4, 3, 2, 1, -1, -2, -3, -4])
    row = score_sets({"set": list(members)}, ranking, fewest=3).loc["set"]
    assert row["enrichment_score"] == pytest.approx(score)
    assert row["leading_edge"] == leading_edge
    assert row["found"] == 3


def test_planted_sets_are_found_in_their_direction(planted):
    _, rows, _ = planted
    assert rows.loc["RISES", "normalized_enrichment_score"] > 2
    assert rows.loc["FALLS", "normalized_enrichment_score"] < -2
    assert (rows.loc[["RISES", "FALLS"], "preranked_fdr"] < 0.001).all()
    assert rows.drop(["RISES", "FALLS", "BOTH"])["preranked_fdr"].min() > 0.05


def test_random_sets_have_uniform_p_values(planted):
    _, rows, _ = planted
    null = rows[rows.index.str.startswith("RANDOM")]["preranked_p_value"]
    assert kstest(null, "uniform").pvalue > 0.01


def test_the_rate_is_that_of_the_collection(planted):
    _, rows, _ = planted
    rates = false_discovery_control(rows["preranked_p_value"])
    np.testing.assert_allclose(rows["preranked_fdr"], rates)


def running_score(stats, members):
    """The enrichment score, by its definition."""
    steps = np.where(members, np.abs(stats) / np.abs(stats)[members].sum(), -1 / (~members).sum())
    walk = np.cumsum(steps)
    return walk[np.abs(walk).argmax()]


@pytest.mark.parametrize("name", ["RANDOM0", "RANDOM1", "RANDOM2", "BOTH"])
def test_scores_and_p_values_are_those_of_random_sets(planted, name):
    ranking, rows, sets = planted
    stats, members = ranking["stat"].to_numpy(), ranking["label"].isin(sets[name]).to_numpy()
    random = np.random.default_rng(8)
    null = np.array([running_score(stats, random.permutation(members)) for _ in range(2000)])
    score = running_score(stats, members)
    same_side = null[null * score > 0]

    assert rows.loc[name, "enrichment_score"] == pytest.approx(score)
    scale = np.abs(same_side).mean()
    assert rows.loc[name, "normalized_enrichment_score"] == pytest.approx(score / scale, rel=0.08)
    p_value = (np.abs(same_side) >= abs(score)).mean()
    assert rows.loc[name, "preranked_p_value"] == pytest.approx(p_value, abs=0.06)


def test_results_are_the_same_every_time_and_for_any_order_of_sets(planted):
    ranking, rows, sets = planted
    turned = dict(reversed(match_sets(sets, ranking)[1].items()))
    again = score_sets(turned, ranking, fewest=5)
    pd.testing.assert_frame_equal(again.loc[rows.index], rows)


def test_sets_may_be_tested_in_batches(planted, monkeypatch):
    ranking, rows, sets = planted
    monkeypatch.setattr(enrich, "BATCH", 30)
    found = score_sets(match_sets(sets, ranking)[1], ranking, fewest=5)
    exact = ["found", "enrichment_score", "leading_edge"]
    pd.testing.assert_frame_equal(found[exact], rows[exact])
    p_values = found["preranked_p_value"]
    np.testing.assert_allclose(p_values, rows["preranked_p_value"], rtol=0.5, atol=0.05)
    np.testing.assert_allclose(found["preranked_fdr"], false_discovery_control(p_values))


def test_small_sets_and_the_set_of_all_genes_are_listed_with_the_reason():
    ranking = ranking_of(np.linspace(2, -2, 8))
    sets = {"small": list("abcd"), "none": [], "all": list("abcdefgh"), "fits": list("abcde")}
    rows = score_sets(sets, ranking, fewest=5)
    small = "fewer than 5 of its genes are ranked"
    assert rows["reason"].tolist() == [small, small, "all ranked genes are in it", None]
    assert rows["preranked_p_value"].notna().tolist() == [False, False, False, True]
    assert rows["found"].tolist() == [4, 0, 8, 5]


# Over the replicates


def share_of_nulls(count):
    """Of nulls in which all genes go together, in how many `count` sees a set."""
    seen = []
    for seed in range(100):
        stats = np.zeros(200)
        design, values = samples_of(stats, seed)
        values.iloc[:6, 3:] -= 3
        random = np.random.default_rng(seed)
        sets = {n: list(random.choice(values.index, 15, replace=False)) for n in range(50)}
        seen.append(count(design, values, sets))
    return np.mean(seen)


def test_where_nothing_changes_sets_of_genes_that_go_together_are_seldom_found():
    def tested(design, values, sets):
        rows = over_replicates(sets, Replicates(values, design), np.array([0.0, 1.0]))
        return (rows["fdr"] < 0.05).any()

    def as_independent_witnesses(design, values, sets):
        change = values.iloc[:, 3:].mean(axis=1) - values.iloc[:, :3].mean(axis=1)
        p_values = [ttest_1samp(change[genes], 0).pvalue for genes in sets.values()]
        return (false_discovery_control(p_values) < 0.05).any()

    assert share_of_nulls(tested) <= 0.08
    assert share_of_nulls(as_independent_witnesses) > 0.5


def test_the_rate_over_replicates_is_that_of_the_collection(tmp_path):
    run(tmp_path, "--gene-sets", f"hallmark={tmp_path / 'sets.gmt'}")
    table = read_table(tmp_path / "enrichment.tsv").dropna(subset="p_value")
    given = table[table["collection"] == "hallmark"]
    assert given["fdr"].tolist() == pytest.approx(false_discovery_control(given["p_value"]))


def test_running_sums_reach_the_scores_and_are_of_the_users_sets(tmp_path):
    table = run(tmp_path, "--gene-sets", f"hallmark={tmp_path / 'sets.gmt'}")
    running = read_table(tmp_path / "running.tsv")
    assert running["collection"].unique().tolist() == ["hallmark"]
    assert running["gene_set"].unique().tolist() == ["UP", "NO"]
    ranked = [line.split("\t")[0] for line in (tmp_path / "list.rnk").read_text().splitlines()]
    for name, rows in running.groupby("gene_set"):
        assert rows["gene"].tolist() == [ranked[rank - 1] for rank in rows["rank"]]
        before = rows["running_sum"].shift(fill_value=0.0) - (
            (rows["rank"].diff().fillna(rows["rank"]) - 1) / (200 - len(rows))
        )
        ends = np.r_[rows["running_sum"], before]
        score = table.set_index("gene_set").loc[name, "enrichment_score"]
        assert ends[np.abs(ends).argmax()] == pytest.approx(score)


def test_without_collections_the_panels_groups_lead(tmp_path):
    run(tmp_path)
    running = read_table(tmp_path / "running.tsv")
    assert running[["collection", "gene_set"]].drop_duplicates().to_numpy().tolist() == [
        ["target_panel", "core"]
    ]


def test_the_sets_with_the_smallest_p_values_lead():
    rows = pd.DataFrame({"collection": "x", "gene_set": list("abcdefgh")})
    rows["p_value"] = [0.8, 0.1, np.nan, 0.3, 0.2, 0.5, 0.4, 0.6]
    assert LEADING == 6
    assert leading_sets(rows)["gene_set"].tolist() == list("bedgfh")


# The ranking


def test_genes_are_ranked_by_their_statistic_and_equal_ones_by_id():
    ranking = rank_genes(contrast([0.5, 3.0, -2.0, 3.0])[::-1])
    assert ranking["label"].tolist() == ["S001", "S003", "S000", "S002"]
    assert ranking["stat"].tolist() == [3.0, 3.0, 0.5, -2.0]


def test_genes_that_were_not_tested_are_not_ranked():
    table = contrast([1.0, 2.0, 3.0, 4.0], status=["tested", "low_count", "outlier", "all_zero"])
    assert rank_genes(table)["label"].tolist() == ["S000"]


def test_of_a_symbol_the_gene_with_the_largest_statistic_stands():
    table = contrast([1.0, -3.0, 2.0, 3.0, 0.1], gene_name=["Y_RNA", "Y_RNA", "Y_RNA", "A", ""])
    ranking = rank_genes(table)
    assert ranking["label"].tolist() == ["A", "ENSG00000000004.4", "Y_RNA"]
    assert ranking["stat"].tolist() == [3.0, 0.1, -3.0]


# Which genes are meant


@pytest.mark.parametrize(
    ("genes", "matched_by", "found"),
    [
        (["S000", "S001", "XIST"], "gene_name", ["ENSG00000000000.4", "ENSG00000000001.4"]),
        (["ENSG00000000001", "S000"], "gene_name", ["ENSG00000000000.4"]),
        (["ENSG00000000001", "ENSG00000000002.9", "S000"], "gene_id",
         ["ENSG00000000001.4", "ENSG00000000002.4"]),
        (["ENSG00000000001", "ENSG00000000001.2"], "gene_id", ["ENSG00000000001.4"]),
        (["s000", "XIST"], "gene_name", []),
    ],
)  # fmt: skip
def test_genes_go_by_symbol_or_by_id_whichever_finds_more(genes, matched_by, found):
    ranking = rank_genes(contrast([3.0, 2.0, 1.0]))
    assert match_sets({"set": genes}, ranking) == (matched_by, {"set": found})


def panel_of(*genes):
    panel = pd.DataFrame(genes, columns=["gene_id", "gene_name", "group"])
    return panel.assign(aliases="", acts_on="rna")


def test_groups_of_the_panel_have_each_gene_once_as_the_annotation_knows_it():
    panel = panel_of(
        ("ENSG00000000000", "S000", "core"),
        ("ENSG00000000000", "S000", "core"),
        ("ENSG00000999999", "S002", "core"),
        ("ENSG00000888888", "GONE", "core"),
        ("ENSG00000000001.7", "S001", "interferon"),
    )
    assert panel_sets(panel, contrast([3.0, 2.0, 1.0])) == {
        "core": ["ENSG00000000000.4", "ENSG00000000002.4", "ENSG00000888888"],
        "interferon": ["ENSG00000000001.4"],
    }


# The command


def samples_of(stats, seed=6):
    """A design of two groups; of six genes the transformed counts rise by 3 in the second."""
    random = np.random.default_rng(seed)
    names = [f"s{number}" for number in range(6)]
    coefficients = {"Intercept": 1.0, "drug": np.repeat([0.0, 1.0], 3)}
    design = pd.DataFrame(coefficients, index=names)
    together = random.normal(0, 0.2, 6)
    values = random.normal(8, 0.1, (len(stats), 6)) + together
    values[:6, 3:] += 3
    return design, pd.DataFrame(values, index=contrast(stats)["gene_id"], columns=names)


def run(folder, *options):
    random = np.random.default_rng(4)
    stats = random.normal(0, 1, 200)
    stats[:6] += 4
    write_contrast(folder, contrast(stats), sidecar(coefficients={"drug": 1.0}))
    return enrich_folder(folder, stats, *options)


def write_contrast(folder, table, result):
    write_table(table, folder / "contrast.tsv")
    write_result(result, folder / "contrast.json")


def enrich_folder(folder, stats, *options):
    """Run the step on the contrast in a folder, with samples in which genes changed by `stats`."""
    design, values = samples_of(stats)
    write_table(design.rename_axis("sample").reset_index(), folder / "design.tsv")
    write_table(values.rename_axis("gene_id").reset_index(), folder / "vst.tsv")
    genes = [(f"ENSG00000000{n:03}", f"S{n:03}", "core" if n < 4 else "pair") for n in range(6)]
    panel_of(*genes).to_csv(folder / "panel.tsv", sep="\t", index=False)
    symbols = ["\t".join(f"S{n:03}" for n in chosen) for chosen in [range(6), range(90, 120), [7]]]
    lines = [
        f"{name}\t\t{genes}\n" for name, genes in zip(["UP", "NO", "FEW"], symbols, strict=True)
    ]
    (folder / "sets.gmt").write_text("".join(lines).replace("S119", "S119\tNOT_HERE"))
    enrich.main(
        [
            *[
                "--contrast",
                str(folder / "contrast.tsv"),
                "--sidecar",
                str(folder / "contrast.json"),
            ],
            *["--panel", str(folder / "panel.tsv"), *options],
            *["--vst", str(folder / "vst.tsv"), "--design", str(folder / "design.tsv")],
            *["--table", str(folder / "enrichment.tsv"), "--ranks", str(folder / "list.rnk")],
            *["--running", str(folder / "running.tsv")],
        ]
    )
    return read_table(folder / "enrichment.tsv")


def test_the_table_tells_of_every_set(tmp_path):
    table = run(tmp_path, "--gene-sets", f"hallmark={tmp_path / 'sets.gmt'}")
    assert table.columns.tolist() == [
        *["collection", "gene_set", "p_value", "fdr", "log2_change", "log2_change_se"],
        *["matched_by", "size", "found", "enrichment_score", "normalized_enrichment_score"],
        *["preranked_p_value", "preranked_fdr", "leading_edge", "reason", "direction"],
    ]
    assert table[["collection", "gene_set", "size", "found"]].to_numpy().tolist() == [
        ["target_panel", "core", 4, 4],
        ["target_panel", "pair", 2, 2],
        ["hallmark", "UP", 6, 6],
        ["hallmark", "NO", 31, 30],
        ["hallmark", "FEW", 1, 1],
    ]
    assert table["matched_by"].tolist() == ["gene_id"] * 2 + ["gene_name"] * 3
    assert table["reason"].isna().tolist() == [True, False, True, True, False]
    for column in ["p_value", "preranked_p_value"]:
        assert (table[column] < 0.01).tolist() == [True, False, True, False, False]
    assert table["log2_change"][[0, 2]].tolist() == pytest.approx([3, 3], abs=0.2)
    assert set(table["direction"]) == {"positive: higher in pomalidomide than in dmso"}
    assert set(table["leading_edge"][0].split(";")) == {"S000", "S001", "S002", "S003"}


def test_the_ranked_list_is_as_gsea_takes_it(tmp_path):
    run(tmp_path)
    lines = [line.split("\t") for line in (tmp_path / "list.rnk").read_text().splitlines()]
    values = [float(value) for _, value in lines]
    assert len(lines) == 200
    assert values == sorted(values, reverse=True)
    stats = read_table(tmp_path / "contrast.tsv").set_index("gene_name")["stat"]
    assert {name: float(value) for name, value in lines} == pytest.approx(stats.to_dict())


def test_the_ranking_follows_the_test_that_decides(tmp_path):
    """Rows in one order by Wald, in the other by quasi-likelihood, which lets five genes out."""
    stats = np.linspace(3, -3, 200)
    p_values = 2 * norm.sf(np.abs(stats[::-1]))
    p_values[:5] = np.nan
    own = {"log2_fold_change": -stats, "ql_p_value": p_values, "ql_fdr": p_values}
    result = sidecar(coefficients={"drug": 1.0}, test=QUASI_LIKELIHOOD)
    write_contrast(tmp_path, contrast(stats, **own), result)
    enrich_folder(tmp_path, stats)
    ranked = pd.read_csv(tmp_path / "list.rnk", sep="\t", names=["label", "stat"])
    assert ranked["label"].tolist() == [f"S{number:03}" for number in range(199, 4, -1)]
    assert ranked["stat"].tolist() == pytest.approx(-stats[:4:-1], abs=1e-9)


ODD = [
    "A;B",
    "x|y",
    "a/b",
    "two words",
    'q"q',
    "#h",
    "=1+1",
    "-3",
    "β",
    "$x^2$",
    "0",
    "1",
    "2",
    ";",
]


def test_ids_and_symbols_may_hold_any_character(tmp_path):
    stats = np.r_[np.linspace(9, 3, len(ODD)), np.linspace(2, -2, 100)]
    table = contrast(stats)
    table.loc[: len(ODD) - 1, "gene_id"] = ODD
    table.loc[: len(ODD) - 1, "gene_name"] = [f"n{name}" for name in ODD]
    plain = contrast(stats)
    scores = {}
    for kind, each in {"odd": table, "plain": plain}.items():
        members = each.loc[: len(ODD) - 1, "gene_name"].tolist()
        ranking = rank_genes(each)
        scores[kind] = score_sets(match_sets({"SET": members}, ranking)[1], ranking, fewest=5)
    edge = next(csv.reader([scores["odd"].loc["SET", "leading_edge"]], delimiter=";"))
    assert edge == [f"n{name}" for name in ODD]
    numbers = ["enrichment_score", "preranked_p_value"]
    assert scores["odd"][numbers].equals(scores["plain"][numbers])
    write_table(scores["odd"].reset_index(), tmp_path / "scores.tsv")
    (row,) = read_table(tmp_path / "scores.tsv").to_dict("records")
    assert row["leading_edge"] == scores["odd"].loc["SET", "leading_edge"]


def test_both_files_are_the_same_every_time(tmp_path):
    written = []
    for _ in range(2):
        run(tmp_path, "--gene-sets", f"hallmark={tmp_path / 'sets.gmt'}")
        files = [tmp_path / name for name in ["enrichment.tsv", "list.rnk", "running.tsv"]]
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]


def test_unusable_collections_are_all_told(tmp_path):
    (tmp_path / "a.gmt").write_text("A\t\tB\n")
    (tmp_path / "b.gmt").write_text("A B\n")
    a, b = tmp_path / "a.gmt", tmp_path / "b.gmt"
    with pytest.raises(InputError) as refused:
        collections_of([f"x={a}", f"x={a}", f"target_panel={a}", str(a), f"y={b}"])
    problems = refused.value.problems
    assert len(problems) == 4
    assert all("name=file.gmt is needed" in problem for problem in problems[:3])
    assert problems[3].startswith(f"{b}, line 1: has no tab")
