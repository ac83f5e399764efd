"""Several figures in one process."""

import pandas as pd
import pytest

from contrast_results import sidecar
from figure_tables import contrast_table, targets_table
from imid.figures import draw
from imid.question.contrast_results import write_result
from imid.shared.problems import InputError
from imid.shared.tables import write_table


@pytest.fixture
def tables(tmp_path):
    """Write what the figures of a contrast are drawn from; give it as options."""
    contrast = contrast_table()
    write_table(contrast, tmp_path / "contrast.tsv")
    write_table(targets_table([(contrast["gene_id"][1], "IRF4", "core")]), tmp_path / "targets.tsv")
    write_result(sidecar(), tmp_path / "sidecar.json")
    files = {"contrast": "contrast.tsv", "sidecar": "sidecar.json", "targets": "targets.tsv"}
    return [word for name, file in files.items() for word in (f"--{name}", str(tmp_path / file))]


def test_each_figure_writes_its_files_beside_the_others(tables, tmp_path):
    draw.main(["volcano", "ma", "--stem", str(tmp_path / "drawn/a_vs_b"), *tables])
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [
        f"a_vs_b.{figure}.{kind}" for figure in ["ma", "volcano"] for kind in ["png", "svg"]
    ]


def test_figures_that_share_a_process_are_what_they_are_alone(tables, tmp_path):
    """They share what was read: none may change it."""
    for figures in [["volcano", "ma"], ["ma"]]:
        draw.main([*figures, "--stem", str(tmp_path / str(len(figures)) / "x"), *tables])
    for kind in ["svg", "png"]:
        assert len({(tmp_path / n / f"x.ma.{kind}").read_bytes() for n in "12"}) == 1


def test_a_figure_is_of_the_test_that_decides():
    table = pd.DataFrame(
        {
            **{"p_value": [1e-9, 0.5], "fdr": [1e-8, 0.6], "status": "tested"},
            **{"ql_p_value": [0.4, 1e-9], "ql_fdr": [0.5, 1e-8]},
        }
    )
    told = {"wald": table["fdr"].tolist(), "quasi_likelihood": table["ql_fdr"].tolist()}
    for test, rates in told.items():
        words = sidecar(test=test)
        one = draw.as_decided({"contrast": table, "sidecar": words, "targets": "as they are"})
        assert one["contrast"]["fdr"].tolist() == rates
        assert one["targets"] == "as they are"
        many = draw.as_decided({"contrasts": [table], "sidecars": [words]})
        assert many["contrasts"][0]["fdr"].tolist() == rates


def test_a_table_that_a_figure_asks_for_must_be_given(tables, capsys):
    with pytest.raises(SystemExit):
        draw.main(["ma", "--stem", "x", *tables[:-2]])
    assert "required: --targets" in capsys.readouterr().err


def test_an_unknown_figure_is_an_error():
    with pytest.raises(InputError, match=r"^none: there is no figure of this name$"):
        draw.main(["none", "--stem", "x"])
