"""The verdict on a sample: its worst figure decides, and is named."""

import json

import pandas as pd
import pytest

from imid.quality import refuse_samples
from imid.quality.judge_samples import gather, main
from imid.quality.measured_sample import MeasuredSample
from imid.quality.show_in_multiqc import scale_of_reads, table_of_figures
from imid.shared.json_files import write_json
from imid.shared.problems import InputError
from imid.shared.run_warnings import gather_warnings
from imid.shared.tables import SAMPLE_FIGURES, read_table


def step(folder, sample, what, figures, **said):
    path = folder / f"{sample}.{what}.json"
    write_json(MeasuredSample(sample=sample, figures=figures, **said), path)
    return str(path)


@pytest.fixture
def judge(tmp_path):
    def run(bounds=None, extra=None):
        files = [
            step(tmp_path, "01", "reads", {"pairs": 3e7, "aligned": 0.9}),
            step(tmp_path, "01", "counts", {"rrna": 0.01, "genes_1": 15000}),
            step(tmp_path, "02", "reads", {"pairs": 5e5, "aligned": 0.6}, notes={"rrna": "no"}),
            step(
                tmp_path, "02", "counts", {"rrna": 0.31, **(extra or {})}, notes={"rrna": "of 45S"}
            ),
            step(tmp_path, "03", "reads", {"pairs": 1.5e7, "aligned": 0.9}),
            step(tmp_path, "01", "identity", {}, warnings=["a swap is not seen"]),
            step(tmp_path, "02", "identity", {}, warnings=["a swap is not seen"]),
        ]
        out = {name: str(tmp_path / f"{name}.tsv") for name in ["figures", "verdicts", "warnings"]}
        sheet = json.dumps({"01": {"rin": 9.1}, "02": {}, "03": {"rin": 7.0}})
        options = [word for name, path in out.items() for word in (f"--{name}", path)]
        main(
            [
                *["--measured", *files, "--sheet", sheet, "--bounds", json.dumps(bounds or {})],
                *options,
            ]
        )
        return {name: read_table(path) for name, path in out.items()}

    return run


def test_each_figure_has_a_row_with_its_bounds_and_verdict(judge):
    figures = judge()["figures"]
    assert figures.columns.tolist() == SAMPLE_FIGURES
    of_two = figures[figures["sample"] == "02"].set_index("figure")
    assert of_two["verdict"].to_dict() == {"pairs": "fail", "aligned": "warn", "rrna": "fail"}
    assert of_two.loc["pairs", ["value", "warn", "fail"]].tolist() == [5e5, 2e7, 5e6]
    assert figures.set_index(["sample", "figure"]).loc[("01", "genes_1"), "verdict"] == "none"


def test_a_sample_of_which_nothing_that_decides_was_measured_does_not_pass(judge):
    unbound = {f: {"warn": None, "fail": None} for f in ["pairs", "aligned", "rrna", "rin"]}
    told = judge(bounds=unbound)
    assert {*told["verdicts"]["verdict"]} == {"not measured"}
    said = "sample 01 was not judged: no figure that decides was measured"
    assert told["warnings"]["warning"].iat[0] == said


def test_the_worst_figures_decide_and_are_named(judge):
    verdicts = judge()["verdicts"].set_index("sample")
    assert verdicts["verdict"].to_dict() == {"01": "pass", "02": "fail", "03": "warn"}
    assert verdicts.loc["02", "decided_by"] == "pairs; rrna"
    assert verdicts.loc["02", "reason"].split("; ") == [
        "Pairs sequenced 500,000, below 5,000,000",
        "rRNA 31.0%, above 20.0% (of 45S)",
    ]
    assert verdicts.loc["03", "decided_by"] == "pairs; rin"
    assert verdicts.loc["01", "reason"] == ""


def test_bounds_of_the_config_decide(judge):
    bounds = {"pairs": {"warn": None, "fail": None}, "rrna": {"fail": 0.5}}
    verdicts = judge(bounds)["verdicts"].set_index("sample")
    assert verdicts.loc["02", "verdict"] == "warn"
    assert verdicts.loc["02", "decided_by"] == "aligned; rrna"
    assert verdicts.loc["03", "decided_by"] == "rin"


def test_the_run_is_told_of_doubtful_samples(judge, tmp_path):
    judge()
    told = gather_warnings([], [tmp_path / "warnings.tsv"])
    assert [row["about"] for row in told] == [None, None, None]
    assert told[0]["warning"].startswith("sample 02 fails: Pairs sequenced 500,000, below")
    assert told[1]["warning"].startswith("sample 03 is doubtful: ")
    # No figure has it, and two samples say so.
    assert told[2]["warning"] == "a swap is not seen"


def test_a_figure_that_is_not_declared_or_measured_twice_is_refused(judge):
    with pytest.raises(InputError, match="figure imunoglobulin is not declared; did you mean 'imm"):
        judge(extra={"imunoglobulin": 0.2})
    with pytest.raises(InputError, match="sample 02: the figure pairs was measured by two steps"):
        judge(extra={"pairs": 3})


def refuse(tmp_path, *stop_on):
    given = ["--figures", str(tmp_path / "figures.tsv"), "--stop-on", *stop_on]
    refuse_samples.main([*given, "--output", str(tmp_path / "accepted.tsv")])


def test_what_was_measured_of_a_sample_that_is_not_in_the_sheet_is_refused():
    measured = [MeasuredSample(sample=name, figures={}) for name in ["1", "01", "9"]]
    with pytest.raises(InputError) as refused:
        gather(measured, {"01": {}})
    assert [problem.split(",")[0] for problem in refused.value.problems] == ["sample 1", "sample 9"]


def test_a_failed_figure_stops_the_run_where_it_shall(judge, tmp_path):
    judge()
    with pytest.raises(InputError) as error:
        refuse(tmp_path, "rrna", "rin")
    (problem,) = error.value.problems
    assert problem.startswith("sample 02: rrna is 31.0%, above 20.0%, and qc.stop_on names it;")
    assert 'exclude: [{sample: 02, reason: "…"}]' in problem
    assert "qc.bounds.rrna.fail" in problem
    assert not (tmp_path / "accepted.tsv").exists()


def test_what_is_doubtful_or_not_named_stops_nothing(judge, tmp_path):
    judge()
    refuse(tmp_path, "aligned", "rin")
    held = read_table(tmp_path / "accepted.tsv")
    assert held["figure"].value_counts().to_dict() == {"aligned": 3, "rin": 2}


def test_multiqc_gets_one_row_a_sample_with_the_colours_of_the_bounds(judge):
    made = judge({"rrna": {"warn": 0.05}})
    table = table_of_figures(made["figures"], made["verdicts"])
    assert [*table["data"]] == ["01", "02", "03"]
    assert table["data"]["02"]["rrna"] == pytest.approx(31)
    rules = table["headers"]["rrna"]["cond_formatting_rules"]
    assert rules["warn"] == [{"gt": 5}]
    assert rules["fail"] == [{"gt": 20}]
    assert table["headers"]["pairs"]["cond_formatting_rules"]["fail"] == [{"lt": 5e6}]
    assert table["headers"]["genes_1"]["cond_formatting_rules"] == {}


@pytest.mark.parametrize(
    ("pairs", "prefix"), [([18780, 2e4], "K"), ([3e7, 2e7, 5e5], "M"), ([300], ""), ([], "")]
)
def test_reads_are_told_in_what_the_libraries_are_large_in(pairs, prefix):
    assert scale_of_reads(pd.Series(pairs, dtype=float))["read_count_prefix"] == prefix
