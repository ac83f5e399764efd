import json
import shutil
from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from contrast_results import sidecar
from figure_tables import contrast_table
from imid.differential import fitting
from imid.differential.stored_model import read_model
from imid.question.contrast_results import read_result, write_result
from imid.question.samples import ExcludedSample
from imid.report import export_tables
from imid.report.export_tables import gather_sheets
from imid.shared.significance import QUASI_LIKELIHOOD
from imid.shared.tables import TARGETS, read_table, write_table

NAMES = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]


def export(fitted_line, contrasts_folder, folder, *options):
    outputs = [folder / "fit.h5ad", folder / "tables.xlsx"]
    export_tables.main(
        [
            *["--fit", str(fitted_line / "fit.npz")],
            *["--counts", str(fitted_line / "counts.tsv")],
            *["--samples", str(fitted_line / "samples.tsv")],
            *["--targets", str(folder / "targets.tsv"), *options],
            *["--contrasts", *(str(contrasts_folder / f"{name}.tsv") for name in NAMES)],
            *["--sidecars", *(str(contrasts_folder / f"{name}.json") for name in NAMES)],
            *["--h5ad", str(outputs[0]), "--xlsx", str(outputs[1])],
        ]
    )
    return outputs


def further_tables(folder):
    """Name the tables of the fit that a spreadsheet may go without."""
    names = ["verdict", "activities"]
    return [part for name in names for part in (f"--{name}", str(folder / f"{name}.tsv"))]


@pytest.fixture(scope="module")
def exported(fitted_line, contrasts_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    rows = [{"gene_id": "ENSG1", "gene_name": "SEPT2", "contrast": name} for name in NAMES]
    write_table(pd.DataFrame(rows).reindex(columns=TARGETS), folder / "targets.tsv")
    write_table(pd.DataFrame({"question": ["is CRBN expressed"]}), folder / "verdict.tsv")
    write_table(pd.DataFrame({"activity": ["mapk"]}), folder / "activities.tsv")
    export(fitted_line, contrasts_folder, folder, *further_tables(folder))
    return folder


@pytest.fixture(scope="module")
def fitted_object(exported):
    return anndata.read_h5ad(exported / "fit.h5ad")


# The fitted object


def test_counts_and_normalized_counts_are_those_of_the_tables(fitted_line, fitted_object):
    for name, values in [("counts", fitted_object.X), ("normalized", None)]:
        values = fitted_object.layers["normalized"] if values is None else values
        table = read_table(fitted_line / f"{name}.tsv", index="gene_id")
        assert fitted_object.var_names.tolist() == table.index.tolist()
        assert fitted_object.var["gene_name"].tolist() == table["gene_name"].tolist()
        np.testing.assert_allclose(values.T, table[fitted_object.obs_names], rtol=1e-9)


def test_samples_and_dispersions_are_those_of_the_tables(fitted_line, fitted_object):
    samples = read_table(fitted_line / "samples.tsv", index="sample")
    assert fitted_object.obs_names.tolist() == samples.index.tolist()
    np.testing.assert_allclose(fitted_object.obs["size_factor"], samples["size_factor"])
    assert fitted_object.obs["replicate"].astype(str).tolist() == samples["replicate"].tolist()
    dispersions = read_table(fitted_line / "dispersions.tsv", index="gene_id")
    for column in ["base_mean", "gene_wise", "fitted", "map", "final"]:
        np.testing.assert_allclose(fitted_object.var[column], dispersions[column], rtol=1e-9)


def test_design_and_coefficients_are_those_of_the_fit(fitted_line, fitted_object):
    fit = read_model(fitted_line / "fit.npz")
    for found, expected in [
        (fitted_object.varm["LFC"], fit.coefficients.loc[fitted_object.var_names]),
        (
            fitted_object.obsm["design_matrix"],
            fit.design_matrix.loc[fitted_object.obs_names],
        ),
    ]:
        assert found.columns.tolist() == expected.columns.tolist()
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", NAMES)
def test_each_contrast_is_there_with_its_words(contrasts_folder, fitted_object, name):
    table = read_table(contrasts_folder / f"{name}.tsv", index="gene_id")
    found = fitted_object.varm[name].astype({"status": str})
    expected = table.drop(columns="gene_name")
    pd.testing.assert_frame_equal(found, expected, check_names=False)
    told = json.loads(fitted_object.uns["contrasts"][name])
    assert told == json.loads((contrasts_folder / f"{name}.json").read_text())


def test_a_log2_fold_change_follows_from_the_coefficients(fitted_object):
    """It holds in the file alone, so that nobody needs the fit."""
    told = json.loads(fitted_object.uns["contrasts"][NAMES[2]])
    levels = fitted_object.obs["treatment"].astype(str)
    design = fitted_object.obsm["design_matrix"]
    means = design.groupby(levels.to_numpy()).mean()
    vector = means.loc[told["numerator"]] - means.loc[told["denominator"]]
    change = (fitted_object.varm["LFC"] @ vector) / np.log(2)
    table = fitted_object.varm[NAMES[2]]
    # Of a gene without a read in both groups it is set to 0.
    usual = (table["log2_fold_change"] != 0).to_numpy()
    assert usual.sum() > 100
    np.testing.assert_allclose(change[usual], table["log2_fold_change"][usual], atol=1e-8)


@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_pydeseq2s_own_inference_can_be_exported(simulated, tmp_path):
    counts = simulated.counts.iloc[:20]
    fit = fitting.fit(counts, simulated.metadata, "~ treatment", "dmso", "pydeseq2")
    genes = pd.DataFrame({"gene_id": counts.index, "gene_name": "x"})
    samples = simulated.metadata.reset_index()
    export_tables.write_object(
        export_tables.fitted_object(fit, genes, samples, []), tmp_path / "fit.h5ad"
    )
    found = anndata.read_h5ad(tmp_path / "fit.h5ad")
    np.testing.assert_array_equal(found.X.T, counts)


# The spreadsheet


def test_the_spreadsheet_has_a_sheet_for_each_table(exported):
    workbook = load_workbook(exported / "tables.xlsx")
    assert workbook.sheetnames == ["about", "targets", "verdict", "activities", *NAMES, "samples"]
    assert workbook["targets"]["B2"].value == "SEPT2"
    assert workbook["verdict"]["A2"].value == "is CRBN expressed"
    assert workbook["activities"]["A2"].value == "mapk"
    assert workbook["samples"]["A2"].value == "pomalidomide_3"


@pytest.mark.parametrize("name", NAMES)
def test_each_contrasts_sheet_is_its_table(contrasts_folder, exported, name):
    header, *rows = load_workbook(exported / "tables.xlsx")[name].values
    table = read_table(contrasts_folder / f"{name}.tsv")
    found = pd.DataFrame(rows, columns=header)
    pd.testing.assert_frame_equal(found, table, rtol=1e-14, atol=0)


def test_tables_are_the_published_ones_whichever_test_decides(
    fitted_line, contrasts_folder, exported, tmp_path
):
    folder = tmp_path / "contrasts"
    shutil.copytree(contrasts_folder, folder)
    for name in NAMES:
        deciding = replace(read_result(folder / f"{name}.json"), test=QUASI_LIKELIHOOD)
        write_result(deciding, folder / f"{name}.json")
    (tmp_path / "targets.tsv").write_bytes((exported / "targets.tsv").read_bytes())
    export(fitted_line, folder, tmp_path)
    header, *rows = load_workbook(tmp_path / "tables.xlsx")[NAMES[0]].values
    table = read_table(contrasts_folder / f"{NAMES[0]}.tsv")
    found = pd.DataFrame(rows, columns=header)
    pd.testing.assert_frame_equal(found, table, rtol=1e-14, atol=0)
    stored = anndata.read_h5ad(tmp_path / "fit.h5ad").varm[NAMES[0]]
    np.testing.assert_array_equal(stored["p_value"], table["p_value"])


def test_the_first_sheet_says_what_is_what(exported, contrasts_folder):
    rows = list(load_workbook(exported / "tables.xlsx")["about"].values)
    told = {row[0]: row[1:] for row in rows if row[0]}
    assert told["cell line"][0] == "MM1S"
    rule = "fdr below 0.05 and |log2_fold_change| above 1, by DESeq2's Wald test"
    assert told["significant"][0] == rule
    assert told["samples left out"][0] == "none"
    counted = json.loads((contrasts_folder / f"{NAMES[0]}.json").read_text())["significant"]
    assert told[NAMES[0]] == (
        f"contrast {NAMES[0]}, all genes",
        "positive: higher in lenalidomide than in dmso",
        counted["up"],
        counted["down"],
    )


def test_samples_that_were_left_out_are_told():
    left_out = [ExcludedSample("A", "degraded", "MM1S"), ExcludedSample("B", "swapped", "MM1S")]
    words = sidecar(excluded=left_out)
    samples = pd.DataFrame({"sample": ["C"]})
    sheets = gather_sheets(
        pd.DataFrame(columns=TARGETS), None, None, [(contrast_table(9), words)], samples
    )
    assert ["samples left out", "A: degraded", "B: swapped"] in sheets["about"]
    assert list(sheets) == ["about", "targets", "pomalidomide_vs_dmso", "samples"]


def test_a_contrast_may_be_called_like_a_sheet():
    words = sidecar(name="targets")
    sheets = gather_sheets(
        pd.DataFrame(columns=TARGETS), None, None, [(contrast_table(9), words)], pd.DataFrame()
    )
    assert list(sheets) == ["about", "targets", "targets~2", "samples"]
    assert len(sheets["targets~2"]) == 9


def test_both_files_are_the_same_every_time(fitted_line, contrasts_folder, exported, tmp_path):
    for name in ["targets.tsv", "verdict.tsv", "activities.tsv"]:
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    outputs = export(fitted_line, contrasts_folder, tmp_path, *further_tables(tmp_path))
    for output in outputs:
        assert output.read_bytes() == (exported / output.name).read_bytes()
