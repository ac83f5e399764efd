"""Designs that samples cannot answer, each told with columns, rows and what could be done."""

import pytest

from small_experiment import edit, load, problems, reads, rows, write, write_experiment, write_sheet

FILE = "config/config.yaml"
SHEET = "config/samples.tsv"
DESIGN = f"{FILE}, line 8, differential.design"
SECOND = (
    "{name: pomalidomide_vs_dmso, factor: treatment, numerator: pomalidomide, denominator: dmso}"
)
LINES = (
    "{name: lines, factor: cell_line, numerator: MM1S_res, denominator: MM1S,"
    " under: {treatment: dmso}}"
)
COLUMNS = ["sample", "cell_line", "treatment", "replicate", "dose_um", "hours", "batch"]
COLUMNS += ["fastq_1", "fastq_2"]


@pytest.fixture
def folder(tmp_path):
    return write_experiment(tmp_path)


def parent() -> list[dict[str, str]]:
    """The nine samples of MM1S, in lines 2 to 10."""
    return rows()[:9]


def with_design(folder, design, sheet=None, columns=COLUMNS):
    edit(folder / FILE, '"~ treatment"', f'"{design}"')
    if sheet:
        write_sheet(folder, sheet, columns)
    return folder


def told(folder, overrides=None) -> str:
    """The one problem there must be."""
    (problem,) = problems(folder, overrides)
    return problem


def test_factors_that_change_together(folder):
    sheet = [row | {"batch": f"day_{row['treatment']}"} for row in parent()]
    assert told(with_design(folder, "~ batch + treatment", sheet)) == (
        f"{DESIGN}: '~ batch + treatment' cannot be fitted to MM1S: batch and treatment change"
        f" together ({SHEET}, column batch, lines 2, 3, 4, 5, 6, 7, 8, 9, 10), so that no sample"
        " tells them apart; leave one of them out of the design"
    )


def test_a_factor_nested_in_another(folder):
    """Two days for each treatment, of its own."""
    sheet = [
        row | {"batch": f"{row['treatment']}_{'a' if row['replicate'] == '1' else 'b'}"}
        for row in [*parent(), *(r | {"sample": r["sample"] + "x", "replicate": "4"} for r in ())]
    ]
    sheet += [
        row
        | {
            "sample": f"{row['sample']}_again",
            "replicate": "4",
            "fastq_1": row["fastq_1"].replace("L1", "L2"),
            "fastq_2": row["fastq_2"].replace("L1", "L2"),
            "batch": f"{row['treatment']}_a",
        }
        for row in parent()
        if row["replicate"] == "1"
    ]
    for row in sheet[9:]:
        for mate in [1, 2]:
            write(folder / row[f"fastq_{mate}"], reads(mate).replace("read", row["sample"]))
    problem = told(with_design(folder, "~ batch + treatment", sheet))
    assert "each batch has one treatment only" in problem
    assert problem.endswith("says all that treatment does; leave batch out of the design")


def test_a_batch_of_one_treatment_only(folder):
    batches = iter("aaabbaabb")
    sheet = [row | {"batch": next(batches)} for row in parent()]
    sheet[0]["batch"] = sheet[1]["batch"] = "c"
    assert told(with_design(folder, "~ batch + treatment", sheet)) == (
        f"{DESIGN}: '~ batch + treatment' cannot be fitted to MM1S: batch c holds treatment dmso"
        f" only ({SHEET}, lines 2, 3), so that these samples say nothing of treatment; leave batch"
        " out of the design, or these samples by exclude"
    )


def test_a_level_with_one_sample(folder):
    batches = iter("abbababac")
    sheet = [row | {"batch": next(batches)} for row in parent()]
    assert told(with_design(folder, "~ batch + treatment", sheet)) == (
        f"{DESIGN}: '~ batch + treatment' cannot be fitted to MM1S: batch c has one sample"
        f" ({SHEET}, line 10, column batch), which would be fitted as it is and say nothing; leave"
        " it out by exclude"
    )


def hours(sheet, early=1):
    """Replicates up to `early` at 6 hours, the others at 24."""
    return [row | {"hours": "6" if int(row["replicate"]) <= early else "24"} for row in sheet]


def six_replicates(folder) -> list[dict[str, str]]:
    """MM1S in six replicates: three at 6 hours, three at 24 (lines 2 to 19)."""
    sheet = []
    for row in rows()[:18]:
        replicate = int(row["replicate"]) + 3 * (row["cell_line"] == "MM1S_res")
        sheet.append(row | {"cell_line": "MM1S", "replicate": str(replicate)})
    return hours(sheet, early=3)


CROSSED = "~ treatment * hours"
AT_24 = SECOND.replace("}", ", under: {hours: 24}}")
FIRST = "      denominator: dmso\n    - {"


def test_an_interaction_asks_at_which_level(folder):
    with_design(folder, CROSSED, six_replicates(folder))
    edit(folder / FILE, "- " + SECOND, "- " + AT_24)
    assert told(folder) == (
        f"{FILE}, line 11, differential.contrasts: 'lenalidomide_vs_dmso' does not say at which"
        " hours, and the effect may differ; add 'under: {hours: …}'"
    )
    edit(folder / FILE, FIRST, FIRST.replace("dmso\n", "dmso\n      under: {hours: 6}\n"))
    (fit,) = load(folder).fits
    assert [contrast.under for contrast in fit.contrasts] == [{"hours": "6"}, {"hours": "24"}]


def test_an_empty_cell_of_an_interaction(folder):
    sheet = [
        row
        for row in six_replicates(folder)
        if (row["treatment"], row["hours"]) != ("pomalidomide", "6")
    ]
    with_design(folder, CROSSED, sheet)
    edit(folder / FILE, "- " + SECOND, "- " + AT_24)
    edit(folder / FILE, FIRST, FIRST.replace("dmso\n", "dmso\n      under: {hours: 6}\n"))
    assert told(folder) == (
        f"{DESIGN}: '{CROSSED}' cannot be fitted to MM1S: no sample has treatment pomalidomide and"
        " hours 6, which treatment:hours needs; add samples of it, leave out those that have no"
        " counterpart by exclude, or write + instead of *"
    )


def test_a_difference_of_differences_needs_its_interaction(folder):
    with_design(folder, "~ treatment + hours", six_replicates(folder))
    between = "between: {factor: hours, numerator: 24, denominator: 6}"
    edit(folder / FILE, "- " + SECOND, "- " + SECOND.replace("}", f", {between}}}"))
    assert told(folder) == (
        f"{FILE}, line 15, differential.contrasts: 'pomalidomide_vs_dmso' is a difference between"
        " levels of hours, and '~ treatment + hours' lets the effect be the same in all; design"
        " '~ treatment * hours'"
    )


def test_doses_are_not_taken_for_replicates(folder):
    sheet = [
        row | {"dose_um": {"dmso": "0", "lenalidomide": "5"}.get(row["treatment"], "1")}
        for row in parent()
    ]
    with_design(folder, "~ treatment ", sheet)
    assert load(folder).warnings == []
    sheet[8]["dose_um"] = "10"
    write_sheet(folder, sheet, COLUMNS)
    assert told(folder) == (
        f"{DESIGN}: '~ treatment ' takes 1, 10 dose_um of pomalidomide in MM1S for replicates"
        f" ({SHEET}, lines 8, 9, 10); write '~ condition' and contrast conditions, or name the"
        " column in the design"
    )


def test_conditions_are_treatment_dose_and_hours(folder):
    sheet = [row | {"dose_um": "0" if row["treatment"] == "dmso" else "1"} for row in rows()[:18]]
    for row in sheet[12:]:
        row["dose_um"] = row["dose_um"].replace("1", "10")
    sheet = [
        row | {"cell_line": "MM1S", "replicate": str(1 + place)} for place, row in enumerate(sheet)
    ]
    with_design(folder, "~ condition", hours(sheet, 0))
    old = "      factor: treatment\n      numerator: lenalidomide\n      denominator: dmso\n"
    new = old.replace("treatment", "condition").replace(": lenalidomide", ": lenalidomide_10uM_24h")
    edit(folder / FILE, old, new.replace(": dmso", ": dmso_0uM_24h"))
    second = SECOND.replace("treatment", "condition").replace(
        ": pomalidomide,", ": pomalidomide_10uM_24h,"
    )
    edit(folder / FILE, SECOND, second.replace(": dmso}", ": dmso_0uM_24}"))
    assert told(folder) == (
        f"{FILE}, line 15, differential.contrasts.denominator: 'dmso_0uM_24' is no condition of"
        " MM1S in config/samples.tsv (dmso_0uM_24h, lenalidomide_1uM_24h, pomalidomide_1uM_24h,"
        " lenalidomide_10uM_24h, pomalidomide_10uM_24h); did you mean 'dmso_0uM_24h'?"
    )
    edit(folder / FILE, "dmso_0uM_24}", "dmso_0uM_24h}")
    assert len(load(folder).fits[0].contrasts) == 2


def test_a_number_is_a_factor_or_a_slope_and_the_config_says_which(folder):
    with_design(folder, "~ batch + treatment", rows()[:18])
    assert told(folder) == (
        f"{DESIGN}: '~ batch + treatment' names batch, which is a number in {SHEET} (1, 2, 3):"
        " write 'covariates: {batch: factor}' under differential if these are levels, or slope if"
        " the effect grows with the number"
    )
    edit(folder / FILE, "  fdr: 0.05", "  covariates: {batch: factor}")
    assert load(folder).warnings == []
    edit(folder / FILE, "batch: factor", "batch: slope")
    assert load(folder).warnings == []


def test_a_slope_needs_numbers(folder):
    sheet = [row | {"batch": f"b{row['batch']}"} for row in parent()]
    with_design(folder, "~ batch + treatment", sheet)
    edit(folder / FILE, "  fdr: 0.05", "  covariates: {batch: slope}")
    assert told(folder) == (
        f"{FILE}, line 9, differential.covariates.batch: a slope needs numbers, and {SHEET},"
        " line 2, column batch is 'b1'; write factor"
    )


def test_a_covariate_is_in_the_design(folder):
    edit(folder / FILE, "  fdr: 0.05", "  covariates: {batch: factor}")
    assert told(folder) == (
        f"{FILE}, line 9, differential.covariates.batch: 'batch' is not in the design,"
        " '~ treatment'"
    )


def test_what_is_contrasted_is_no_slope(folder):
    edit(folder / FILE, "  fdr: 0.05", "  covariates: {treatment: slope}")
    assert told(folder) == (
        f"{FILE}, line 9, differential.covariates.treatment: 'treatment' is contrasted, so it is a"
        " factor"
    )


@pytest.mark.parametrize("design", ["~ treatment +", "~ (treatment", "~ treatment ~ batch ~"])
def test_what_is_no_formula(folder, design):
    edit(folder / FILE, "~ treatment", design)
    assert f"'{design}' is no formula" in told(folder)


def test_a_contrast_of_lines_has_a_joint_fit(folder):
    edit(folder / FILE, SECOND, LINES)
    experiment = load(folder)
    assert [fit.name for fit in experiment.fits] == [
        "cell_lines/MM1S",
        "cell_lines/MM1S_res",
        "joint/MM1S+MM1S_res",
    ]
    assert [fit.joint for fit in experiment.fits] == [False, False, True]
    assert [c.name for c in experiment.fits[-1].contrasts] == ["lines"]


def test_a_contrast_of_a_line_that_is_not_run_is_left_out(folder):
    edit(folder / FILE, SECOND, LINES)
    experiment = load(folder, {"cell_lines": ["MM1S"]})
    assert [fit.name for fit in experiment.fits] == ["cell_lines/MM1S"]
    assert experiment.warnings[0] == (
        f"{FILE}, line 15, differential.contrasts: 'lines' is left out, for MM1S_res is not among"
        " the cell_lines to run"
    )


def test_two_replicates_say_what_is_off(folder):
    sheet = [row for row in parent() if row["sample"] != "MM1S_dmso_3"]
    write_sheet(folder, sheet)
    assert load(folder).warnings == [
        f"{SHEET}, line 2, column treatment: 'dmso' in MM1S has two replicates; outliers are"
        " filtered among three or more only"
    ]


def test_unknown_hours_are_not_taken_for_known_ones(folder):
    sheet = [row | {"hours": "NA" if n == 0 else "72"} for n, row in enumerate(parent())]
    with_design(folder, "~ treatment", sheet)
    assert "would take dmso in MM1S of unknown hours (config/samples.tsv, lines 2)" in told(folder)


def test_a_slope_is_not_called_a_factor(folder):
    sheet = hours(six_replicates(folder), early=3)
    with_design(folder, "~ C(hours) + treatment", sheet)
    overrides = {"differential": {"covariates": {"hours": "slope"}}}
    assert "'hours' is a slope here, and C(hours) in the design makes levels of it" in told(
        folder, overrides
    )
