import numpy as np
import pandas as pd
import pytest

from imid.quality import judge_agreement
from imid.quality.sample_agreement import agreement_warnings, sample_agreement
from imid.shared.agreement_words import ODD
from imid.shared.run_warnings import gather_warnings
from imid.shared.tables import SAMPLE_AGREEMENT, read_table, write_table

GENES = 3000


def experiment(effect=1.0, groups=3, replicates=3, seed=3, genes=GENES, batch=False, **change):
    """Counts of groups that differ in a sixth of the genes, and the samples; `change` them."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), replicates)
    number = np.tile(np.arange(replicates), groups)
    moved = np.where(
        random.random((genes, groups)) < 1 / 6, random.normal(0, effect, (genes, groups)), 0
    )
    logs = random.normal(5, 1.5, (genes, 1)) + moved[:, group]
    logs = logs + random.normal(0, 0.12, (genes, len(group)))
    if batch:
        logs += random.normal(0, 1, (genes, replicates))[:, number]
    samples = pd.DataFrame(
        {
            **{"sample": [f"g{g}_{n}" for g, n in zip(group, number, strict=True)]},
            **{"cell_line": "MM1S", "treatment": [f"drug_{g}" for g in group]},
            **({"batch": number.astype(str)} if batch else {}),
        }
    )
    counts = random.poisson(np.exp(logs))
    if "swap" in change:
        counts[:, change["swap"]] = counts[:, change["swap"][::-1]]
    if "mixed" in change:
        other = random.permutation(counts[:, -1])
        counts[:, change["mixed"]] = random.binomial(counts[:, change["mixed"]] + other, 0.5)
    if "twice" in change:
        first, second = change["twice"]
        counts[:, [first, second]] = random.poisson(counts[:, [first, first]])
    return counts, samples


def tables_of(counts, samples):
    logs = np.log(counts + 1)
    normalized = counts / np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    return [
        pd.DataFrame(each, columns=samples["sample"])
        for each in (np.log2(normalized + 3), normalized, counts)
    ]


def said(counts, samples):
    return sample_agreement(*tables_of(counts, samples), samples)


def odd(table):
    found = table[table["called"].isin(ODD)]
    return dict(zip(found["sample"], found["called"], strict=True))


@pytest.mark.parametrize(("groups", "replicates"), [(3, 3), (2, 2), (2, 3)])
def test_sound_samples_sit_with_their_replicates(groups, replicates):
    table = said(*experiment(groups=groups, replicates=replicates))
    assert table.columns.tolist() == SAMPLE_AGREEMENT
    assert (table["called"] == "agrees").all()
    assert (table["score"] < 1).all()
    assert (table["group"] == table["nearest_group"]).all()
    assert agreement_warnings(table) == []


def test_where_nothing_differs_groups_mingle():
    table = said(*experiment(effect=0.0))
    assert odd(table) == {}
    mingling = table[table["called"] == "mingles"]
    assert len(mingling)
    assert mingling["words"].str.startswith("cannot tell: groups mingle").all()


@pytest.mark.parametrize("genes", [20, 200, 2000])
def test_where_nothing_differs_nobody_is_odd(genes):
    """Whatever the number of genes, and also where all share a few directions."""
    found = [odd(said(*experiment(effect=0.0, seed=seed, genes=genes))) for seed in range(20)]
    assert sum(map(bool, found)) <= 1


def test_two_that_changed_places_are_named_with_each_other():
    table = said(*experiment(swap=[0, 5])).set_index("sample")
    assert odd(table.reset_index()) == {"g0_0": "swapped", "g1_2": "swapped"}
    assert table.loc["g0_0", "words"] == "swapped with g1_2: it sits with MM1S drug_1"
    assert table.loc["g1_2", "words"] == "swapped with g0_0: it sits with MM1S drug_0"
    assert (table.loc[["g0_0", "g1_2"], "score"] >= 1).all()
    first, second = agreement_warnings(table.reset_index())
    score, near = table.loc["g0_0", ["score", "nearest_sample"]]
    assert first == (
        f"sample g0_0 of MM1S drug_0: swapped with g1_2: it sits with MM1S drug_1 (score"
        f" {score:.1f}, odd is 1; the nearest sample is {near} of MM1S drug_1)"
    )
    assert near in {"g1_0", "g1_1"}
    assert second.startswith("sample g1_2 of MM1S drug_1: swapped with g0_0")


def test_the_run_is_told_of_them(tmp_path):
    counts, samples = experiment(swap=[0, 5])
    for name, table in zip(
        ["vst", "normalized", "counts"], tables_of(counts, samples), strict=True
    ):
        write_table(table.rename_axis("gene_id").reset_index(), tmp_path / f"{name}.tsv")
    write_table(samples, tmp_path / "samples.tsv")
    files = ["samples", "vst", "normalized", "counts", "table", "warnings"]
    options = [word for name in files for word in (f"--{name}", str(tmp_path / f"{name}.tsv"))]
    judge_agreement.main([*options, "--about", "cell_lines/MM1S"])
    table = read_table(tmp_path / "table.tsv")
    told = gather_warnings([], [tmp_path / "warnings.tsv"])
    assert [row["about"] for row in told] == ["cell_lines/MM1S"] * 2
    assert [row["warning"] for row in told] == agreement_warnings(table)


def test_a_sample_of_another_group_is_named():
    counts, samples = experiment(replicates=4)
    samples.loc[0, "treatment"] = "drug_1"
    table = said(counts, samples).set_index("sample")
    assert odd(table.reset_index()) == {"g0_0": "elsewhere"}
    assert table.loc["g0_0", "words"].startswith("sits with MM1S drug_0, nearest to g0_")
    assert table.loc["g0_0", "nearest_group"] == "MM1S drug_0"


@pytest.mark.parametrize(("groups", "replicates"), [(3, 3), (2, 2), (2, 3)])
def test_a_sample_mixed_with_another_profile_failed(groups, replicates):
    table = said(*experiment(groups=groups, replicates=replicates, mixed=1))
    assert odd(table) == {"g0_1": "failed"}


@pytest.mark.parametrize("pair", [[0, 1], [2, 3]])
def test_one_library_under_two_names_is_named(pair):
    counts, samples = experiment(twice=pair)
    table = said(counts, samples)
    names = samples["sample"][pair].tolist()
    assert odd(table) == dict.fromkeys(names, "same library")
    words = table.set_index("sample").loc[names[0], "words"]
    assert words == f"same library as {names[1]}: they differ by counting alone"


def test_replicates_that_are_runs_of_one_library_are_not_told_apart():
    """Where no pair varies beyond counting, that two of them do not says nothing."""
    counts, samples = experiment(effect=0.0)
    counts = np.random.default_rng(1).poisson(np.repeat(counts[:, :1], 9, axis=1))
    assert odd(said(counts, samples)) == {}


def test_a_batch_is_no_disagreement_and_hides_no_swap():
    counts, samples = experiment(batch=True)
    assert (said(counts, samples)["called"] == "agrees").all()
    # Both of one batch.
    changed = samples.assign(treatment=samples["treatment"][[3, 1, 2, 0, *range(4, 9)]].to_numpy())
    assert odd(said(counts, changed)) == {"g0_0": "swapped", "g1_0": "swapped"}


def test_without_replicates_nothing_is_told():
    table = said(*experiment(replicates=1))
    assert (table["called"] == "not measurable").all()


def test_with_next_to_no_genes_nothing_is_told():
    table = said(*experiment(genes=5))
    assert (table["called"] == "not measurable").all()
    assert table["words"].str.contains("genes have the 10 reads").all()


def test_a_few_genes_that_run_away_make_no_sample_fail():
    counts, samples = experiment()
    counts[:15, 4] = 1_000_000
    assert odd(said(counts, samples)) == {}
