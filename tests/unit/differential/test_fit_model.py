import numpy as np
import pandas as pd
import pytest
from scipy.stats import gmean

from imid.differential import fit_model
from imid.differential.stored_model import read_model
from imid.shared.problems import InputError
from imid.shared.tables import read_table, write_table

MATRICES = ["normalized", "vst"]


@pytest.fixture(scope="module")
def counts(fitted_line):
    return read_table(fitted_line / "counts.tsv")


@pytest.mark.parametrize("table", [*MATRICES, "dispersions"])
def test_every_gene_is_there_in_the_order_of_the_counts(fitted_line, counts, table):
    published = read_table(fitted_line / f"{table}.tsv")
    pd.testing.assert_frame_equal(
        published[["gene_id", "gene_name"]], counts[["gene_id", "gene_name"]]
    )


@pytest.mark.parametrize("table", MATRICES)
def test_a_matrix_has_the_samples_in_the_order_of_the_metadata(fitted_line, table):
    samples = read_table(fitted_line / "metadata.tsv")["sample"].tolist()
    assert read_table(fitted_line / f"{table}.tsv").columns[2:].tolist() == samples


def test_dispersions_have_their_published_columns(fitted_line):
    with (fitted_line / "dispersions.tsv").open() as lines:
        header = next(lines).split()
    genes, estimates = ["gene_id", "gene_name"], ["gene_wise", "fitted", "map", "final"]
    assert header == [*genes, "base_mean", *estimates]


def test_samples_are_the_metadata_with_their_size_factors(fitted_line):
    samples = read_table(fitted_line / "samples.tsv")
    metadata = read_table(fitted_line / "metadata.tsv")
    assert samples.columns.tolist() == [*metadata.columns, "size_factor"]
    pd.testing.assert_frame_equal(samples[metadata.columns.tolist()], metadata)


def test_counts_and_metadata_are_matched_by_the_samples_names(fitted_line, simulated):
    # In the metadata the samples stand the other way round.
    counts = simulated.counts[(simulated.counts > 0).all(axis=1)]
    expected = counts.div(gmean(counts, axis=1), axis=0).median()
    found = read_table(fitted_line / "samples.tsv", index="sample")["size_factor"]
    np.testing.assert_allclose(found[expected.index], expected)


def test_normalized_counts_are_the_counts_over_the_published_size_factors(fitted_line, counts):
    factors = read_table(fitted_line / "samples.tsv", index="sample")["size_factor"]
    normalized = read_table(fitted_line / "normalized.tsv")[factors.index]
    np.testing.assert_allclose(normalized, counts[factors.index] / factors, rtol=1e-8)


def test_base_means_are_means_of_the_normalized_counts(fitted_line):
    normalized = read_table(fitted_line / "normalized.tsv").iloc[:, 2:]
    found = read_table(fitted_line / "dispersions.tsv")["base_mean"]
    np.testing.assert_allclose(found, normalized.mean(axis=1), rtol=1e-8)


def test_the_model_can_be_read_back(fitted_line):
    fit = read_model(fitted_line / "fit.npz")
    assert fit.design_matrix.columns.tolist() == [
        *["Intercept", "treatment[T.lenalidomide]", "treatment[T.pomalidomide]"]
    ]


def test_the_design_is_written_as_a_table(fitted_line):
    design = read_table(fitted_line / "design.tsv", index="sample")
    treatment = read_table(fitted_line / "metadata.tsv", index="sample")["treatment"]
    assert (design["Intercept"] == 1).all()
    for drug in ["lenalidomide", "pomalidomide"]:
        assert (design[f"treatment[T.{drug}]"] == (treatment == drug)).all()


def test_names_are_put_before_a_table_by_gene_id():
    genes = pd.DataFrame({"gene_id": ["B", "A"], "gene_name": ["Bee", "Aye"], "other": [1, 2]})
    named = fit_model.with_names(pd.DataFrame({"value": [10, 20]}, index=["A", "B"]), genes)
    assert named.columns.tolist() == ["gene_id", "gene_name", "value"]
    assert named.to_numpy().tolist() == [["B", "Bee", 20], ["A", "Aye", 10]]


@pytest.fixture(scope="module")
def hours(simulated, tmp_path_factory):
    """A model of a factor whose levels are numbers, beside columns that are not filled in."""
    folder = tmp_path_factory.mktemp("hours")
    counts = simulated.counts.reset_index()
    counts.insert(1, "gene_name", counts["gene_id"])
    write_table(counts, folder / "counts.tsv")
    treatment = simulated.metadata["treatment"]
    metadata = pd.DataFrame(
        {
            "sample": treatment.index,
            "cell_line": "MM1S",
            "dose_um": treatment.map({"lenalidomide": "5", "pomalidomide": "0.5"}).values,
            "hours": treatment.map({"dmso": "0", "lenalidomide": "6", "pomalidomide": "24"}).values,
            "batch": None,
        }
    )
    write_table(metadata, folder / "metadata.tsv")
    arguments = ["--design", "~ hours", "--reference", "0", "--inference", "vectorized"]
    arguments += ["--fit", str(folder / "fit.npz"), "--about", "cell_lines/MM1S"]
    arguments += ["--warnings", str(folder / "warnings.tsv")]
    arguments += ["--design-matrix", str(folder / "design.tsv")]
    arguments += ["--size-factors", str(folder / "samples.tsv")]
    for name in ["counts", "metadata", "normalized", "vst", "dispersions"]:
        arguments += [f"--{name}", str(folder / f"{name}.tsv")]
    fit_model.main(arguments)
    return folder


def test_hours_are_a_factor_with_the_levels_of_the_sheet(hours):
    fit = read_model(hours / "fit.npz")
    columns = fit.design_matrix.columns
    assert columns.tolist() == ["Intercept", "hours[T.24]", "hours[T.6]"]


def test_columns_that_are_not_filled_in_stay_missing(hours):
    samples = read_table(hours / "samples.tsv")
    assert samples["batch"].isna().all()
    assert samples["dose_um"].isna().sum() == 3


def test_a_sample_that_failed_is_refused_before_the_fit(simulated):
    counts = simulated.counts.copy()
    counts["dmso_2"] = 0
    metadata = simulated.metadata.assign(cell_line="MM1S")
    with pytest.raises(InputError, match="sample dmso_2 has no fragment"):
        fit_model.fit_checked(counts, metadata, design="~ treatment", references="dmso")


def test_what_the_fit_warns_of_is_kept_beside_its_results(simulated, fitted_line):
    few = simulated.counts[(simulated.counts > 0).all(axis=1)].head(60)
    few = few.assign(dmso_1=few["dmso_1"] // 50)
    metadata = simulated.metadata.assign(cell_line="MM1S")
    _, told = fit_model.fit_checked(few, metadata, design="~ treatment", references="dmso")
    assert told[0].startswith("sample dmso_1 has")
    everywhere = (few > 0).all(axis=1).sum()
    assert told[1].startswith(f"{everywhere} genes have a count in every sample")
    published = read_table(fitted_line / "warnings/fit.tsv")
    assert published.columns.tolist() == ["about", "warning"]
