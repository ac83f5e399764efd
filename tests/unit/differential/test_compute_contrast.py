import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from imid.differential import compute_contrast
from imid.differential.compute_contrast import up_and_down
from imid.question.contrast_results import UpAndDown
from imid.question.contrasts import Contrast
from imid.shared.json_files import as_json
from imid.shared.problems import InputError
from imid.shared.significance import significant
from imid.shared.tables import read_table

NAMES = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]
HEADER = (
    "gene_id\tgene_name\tbase_mean\tlog2_fold_change\tlfc_se\tstat\tp_value\tfdr\tstatus"
    "\tshrunken_log2_fold_change\tthreshold_p_value\tthreshold_fdr"
    "\tql_p_value\tql_fdr\tql_threshold_p_value\tql_threshold_fdr\n"
)


@pytest.mark.parametrize(
    ("fdr", "change", "chosen"),
    [
        (0.049, 1.1, True),
        (0.049, -1.1, True),
        (0.05, 1.1, False),
        (0.049, 1.0, False),
        (0.049, -1.0, False),
        (np.nan, 5.0, False),
        (np.nan, np.nan, False),
    ],
)
def test_a_gene_is_significant_below_the_rate_and_above_the_change(fdr, change, chosen):
    table = pd.DataFrame({"fdr": [fdr], "log2_fold_change": [change]})
    assert significant(table, 0.05, 1.0).tolist() == [chosen]


def test_significant_genes_are_counted_by_direction():
    table = pd.DataFrame({"log2_fold_change": [2.0, 3.0, -2.0, 0.1, np.nan, 4.0]})
    chosen = pd.Series([True, True, True, False, False, False])
    assert up_and_down(table, chosen) == UpAndDown(up=2, down=1)


def test_what_it_knows_nothing_of_is_refused_and_not_left_out(fitted_line, tmp_path):
    """A kind of contrast that is new to the config, say, but not to those who weigh it."""
    contrast = vars(Contrast("treatment", "pomalidomide", "dmso", name="x")) | {"pooled": ["a"]}
    options = ["--fit", fitted_line / "fit.npz", "--counts", fitted_line / "counts.tsv"]
    options += ["--contrast", json.dumps(contrast), "--fdr", "0.05", "--log2-fold-change", "1"]
    options += ["--table", tmp_path / "t", "--significant", tmp_path / "s", "--about", "x"]
    options += ["--warnings", tmp_path / "w"]
    with pytest.raises(InputError, match=r"^--contrast: pooled is unknown$"):
        compute_contrast.main([*map(str, options), "--sidecar", str(tmp_path / "j")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".tsv", ".significant.tsv"])
def test_tables_have_the_published_columns(contrasts_folder, name, suffix):
    with (contrasts_folder / f"{name}{suffix}").open() as lines:
        assert next(lines) == HEADER


@pytest.mark.parametrize("name", NAMES)
def test_every_gene_of_the_counts_is_in_the_full_table(fitted_line, contrasts_folder, name):
    counts = read_table(fitted_line / "counts.tsv")
    table = read_table(contrasts_folder / f"{name}.tsv")
    pd.testing.assert_frame_equal(table[["gene_id", "gene_name"]], counts[["gene_id", "gene_name"]])
    assert table["status"].notna().all()


@pytest.mark.parametrize("name", NAMES)
def test_the_significant_table_is_the_full_one_filtered(contrasts_folder, name):
    full = read_table(contrasts_folder / f"{name}.tsv", index="gene_id")
    passing = [
        gene.Index
        for gene in full.itertuples()
        if gene.fdr < 0.05 and (gene.log2_fold_change > 1 or gene.log2_fold_change < -1)
    ]
    found = read_table(contrasts_folder / f"{name}.significant.tsv", index="gene_id")
    assert len(passing) >= 20
    pd.testing.assert_frame_equal(found.sort_index(), full.loc[passing].sort_index())


@pytest.mark.parametrize("name", NAMES)
def test_the_most_significant_gene_comes_first(contrasts_folder, name):
    p_values = read_table(contrasts_folder / f"{name}.significant.tsv")["p_value"]
    assert p_values.is_monotonic_increasing


@pytest.mark.parametrize("name", NAMES)
def test_planted_changes_stand_in_the_published_table(simulated, contrasts_folder, name):
    numerator, denominator = name.split("_vs_")
    planted = simulated.effects[numerator] - simulated.effects[denominator]
    planted = planted[simulated.kind.isin(["up", "down"])]
    found = read_table(contrasts_folder / f"{name}.significant.tsv", index="gene_id")
    assert set(planted.index) <= set(found.index)
    np.testing.assert_allclose(found["log2_fold_change"][planted.index], planted, atol=0.8)


@pytest.mark.parametrize("name", NAMES)
def test_published_p_values_and_rates_follow_from_the_published_estimates(contrasts_folder, name):
    table = read_table(contrasts_folder / f"{name}.tsv")
    tested = table[table["status"] == "tested"]
    stat = tested["log2_fold_change"] / tested["lfc_se"]
    np.testing.assert_allclose(tested["p_value"], 2 * norm.sf(stat.abs()), rtol=1e-5)
    np.testing.assert_allclose(tested["fdr"], false_discovery_control(tested["p_value"]), rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_sidecar_agrees_with_the_tables(contrasts_folder, name):
    numerator, denominator = name.split("_vs_")
    told = json.loads((contrasts_folder / f"{name}.json").read_text())
    full = read_table(contrasts_folder / f"{name}.tsv")
    changes = read_table(contrasts_folder / f"{name}.significant.tsv")["log2_fold_change"]
    assert told["genes"] == full["status"].value_counts().to_dict()
    assert sum(told["genes"].values()) == len(full)
    assert told["significant"] == {"up": (changes > 0).sum(), "down": (changes < 0).sum()}
    settings = [told[key] for key in ["contrast", "cell_line", "factor", "fdr", "log2_fold_change"]]
    assert settings == [name, "MM1S", "treatment", 0.05, 1.0]
    assert told["direction"] == f"positive: higher in {numerator} than in {denominator}"
    levels = {"lenalidomide": 0, "pomalidomide": 0}
    levels |= {
        level: sign for level, sign in [(numerator, 1), (denominator, -1)] if level in levels
    }
    expected = {"Intercept": 0, **{f"treatment[T.{drug}]": n for drug, n in levels.items()}}
    assert told["coefficients"] == expected
    assert told["excluded"] == []


def test_the_config_says_which_test_decides(fitted_line, contrasts_folder, tmp_path):
    """Tables stay as they are but for which genes are significant, and both numbers are told."""
    contrast = Contrast("treatment", "lenalidomide", "dmso", name=NAMES[0])
    outputs = {"table": "t.tsv", "significant": "s.tsv", "sidecar": "s.json", "warnings": "w.tsv"}
    compute_contrast.main(
        [
            *["--fit", str(fitted_line / "fit.npz")],
            *["--counts", str(fitted_line / "counts.tsv")],
            *["--contrast", as_json(contrast), "--test", "quasi_likelihood"],
            *["--fdr", "0.05", "--log2-fold-change", "1.0", "--about", "cell_lines/MM1S"],
            *[f"--{name}={tmp_path / file}" for name, file in outputs.items()],
        ]
    )
    table = read_table(tmp_path / "t.tsv")
    pd.testing.assert_frame_equal(table, read_table(contrasts_folder / f"{NAMES[0]}.tsv"))
    large = table["log2_fold_change"].abs() > 1
    expected = {"wald": (table["fdr"] < 0.05) & large}
    expected["quasi_likelihood"] = (table["ql_fdr"] < 0.05) & large
    chosen = read_table(tmp_path / "s.tsv")
    told = json.loads((tmp_path / "s.json").read_text())
    assert set(chosen["gene_id"]) == set(table["gene_id"][expected["quasi_likelihood"]])
    assert chosen["ql_p_value"].is_monotonic_increasing
    assert told["test"] == "quasi_likelihood"
    assert told["discoveries"] == {test: genes.sum() for test, genes in expected.items()}
    assert sum(told["significant"].values()) == expected["quasi_likelihood"].sum()
    assert told["genes"]["tested"] == table["ql_p_value"].notna().sum()


def test_the_direction_in_words_is_that_of_the_normalized_counts(fitted_line, contrasts_folder):
    samples = read_table(fitted_line / "samples.tsv", index="sample")
    normalized = read_table(fitted_line / "normalized.tsv", index="gene_id")[samples.index]
    means = normalized.T.groupby(samples["treatment"]).mean().T
    table = read_table(contrasts_folder / "pomalidomide_vs_dmso.significant.tsv", index="gene_id")
    higher = means["pomalidomide"] > means["dmso"]
    assert (higher[table.index] == (table["log2_fold_change"] > 0)).all()
