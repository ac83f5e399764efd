"""The setting of an expectation, held against that of an experiment."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from imid.question.panel_settings import (
    best_row,
    control_kind,
    drug_of,
    expectation_label,
    not_comparable,
    other_control,
    same_setting,
    setting_in_words,
    setting_misfits,
    setting_of,
)
from imid.question.samples import ExcludedSample

COLUMNS = ["lenalidomide", "cells", "dose_um", "hours", "control", "log2_fold_change"]


def row(cells="", dose_um="", hours="", control="", expected="down", number=""):
    return pd.Series([expected, cells, dose_um, hours, control, number], index=COLUMNS)


def setting(cells="MM1S", dose_um="10", hours="24"):
    values = {"cells": cells, "dose_um": dose_um, "hours": hours}
    return {name: value.split() for name, value in values.items()} | {"control": ["vehicle"]}


@pytest.mark.parametrize(
    "fitting",
    [
        row(),
        row(cells="MM.1S"),
        row(cells="mm-1s"),
        row(hours="24.0"),
        row(dose_um="10"),
        row(dose_um="30"),
        row(dose_um="3.34"),
        row("MM.1S", "5", "24", "0 h"),
    ],
)
def test_what_fits(fitting):
    assert setting_misfits(fitting, setting()) == []


@pytest.mark.parametrize(
    ("expectation", "experiment", "words"),
    [
        (row(hours="72"), setting(), "expected at 72 h, this is 24 h"),
        (row(hours="72"), setting(hours=""), "expected at 72 h, the sheet does not say the hours"),
        (row(hours="24"), setting(hours="24 72"), "expected at 24 h, this is 24 and 72 h"),
        (row(cells="OPM2"), setting(), "seen in OPM2, this is MM1S"),
        (row(cells="MM.1S"), setting("MM1S_res"), "seen in MM.1S, this is MM1S_res"),
        (row(cells="MM.1S"), setting("MM1S OPM2"), "seen in MM.1S, this is MM1S and OPM2"),
        (row(dose_um="31"), setting(), "seen at 31 uM, this is 10 uM"),
        (row(dose_um="3.3"), setting(), "seen at 3.3 uM, this is 10 uM"),
        (row(dose_um="1"), setting(dose_um=""), "seen at 1 uM, the sheet does not say the dose"),
        (row(dose_um="1"), setting(dose_um="0"), "seen at 1 uM, this is 0 uM"),
    ],
)
def test_what_does_not_fit_is_said_in_words(expectation, experiment, words):
    assert setting_misfits(expectation, experiment) == [words]


def test_three_times_the_dose_fits_whatever_binary_fractions_say():
    assert setting_misfits(row(dose_um="0.3"), setting(dose_um="0.1")) == []
    assert setting_misfits(row(dose_um="0.1"), setting(dose_um="0.3")) == []


def chosen(rows, experiment):
    best, reasons = best_row(pd.DataFrame(rows).reset_index(drop=True), "lenalidomide", experiment)
    return best.name, reasons


def test_the_most_specific_row_that_fits_is_chosen():
    rows = [row(), row(cells="MM.1S"), row("MM.1S", hours="24"), row("MM.1S", hours="72")]
    assert chosen(rows, setting()) == (2, [])
    assert chosen(rows, setting(hours="48")) == (1, [])
    assert chosen(rows, setting("OPM2", hours="72")) == (0, [])


def test_where_none_fits_the_first_is_chosen_and_the_reasons_are_given():
    rows = [row("OPM2", hours="72"), row("H929", hours="24")]
    reasons = ["seen in OPM2, this is MM1S", "expected at 72 h, this is 24 h"]
    assert chosen(rows, setting()) == (0, reasons)


def test_rows_that_expect_nothing_of_the_drug_are_passed_over():
    rows = [row(expected="unknown"), row("MM.1S", hours="24", expected="unknown"), row("OPM2")]
    assert chosen(rows, setting()) == (2, ["seen in OPM2, this is MM1S"])
    assert chosen(rows[:2], setting()) == (0, [])


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (row("MM.1S", "10", "72", "0 h"), "MM.1S, lenalidomide 10 uM, 72 h, against 0 h"),
        (row(hours="24"), "lenalidomide, 24 h"),
        (row(), "lenalidomide, in no particular setting"),
    ],
)
def test_a_setting_in_words(expectation, words):
    assert expectation_label(expectation, "lenalidomide") == words


def test_settings_are_the_same_however_they_are_written():
    assert same_setting(row("MM.1S", "10", "24", "DMSO"), row("mm1s", "10.0", "24", "dmso"))
    assert not same_setting(row("MM.1S", "1.0"), row("MM.1S", "10"))
    assert not same_setting(row(hours="24"), row())


SAMPLES = pd.DataFrame(
    [
        (f"{line}_{drug}_{hours}", line, drug, dose, hours)
        for line in ["MM1S", "MM1S_res"]
        for drug, dose in [("dmso", "0"), ("lenalidomide", "5")]
        for hours in ["24", "72"]
    ],
    columns=["sample", "cell_line", "treatment", "dose_um", "hours"],
)
LENALIDOMIDE = sidecar("lenalidomide")


@pytest.mark.parametrize(
    ("contrast", "cells", "hours"),
    [
        ({}, ["MM1S", "MM1S_res"], ["24", "72"]),
        ({"under": {"hours": "72"}}, ["MM1S", "MM1S_res"], ["72"]),
        ({"under": {"cell_line": "MM1S_res", "hours": "24"}}, ["MM1S_res"], ["24"]),
        ({"excluded": [ExcludedSample("MM1S_lenalidomide_24", "x", "MM1S")],
          "under": {"hours": "24"}}, ["MM1S_res"], ["24"]),
    ],
)  # fmt: skip
def test_the_setting_is_that_of_the_numerators_samples(contrast, cells, hours):
    expected = {"cells": cells, "dose_um": ["5"], "hours": hours, "control": ["vehicle"]}
    assert setting_of(SAMPLES, replace(LENALIDOMIDE, **contrast)) == expected


def test_a_sheet_need_not_say_the_setting():
    some = SAMPLES.assign(dose_um=SAMPLES["dose_um"].where(SAMPLES["hours"] == "24", np.nan))
    assert setting_of(some, LENALIDOMIDE)["dose_um"] == []
    assert setting_of(SAMPLES.drop(columns="hours"), LENALIDOMIDE)["hours"] == []


# Controls, by their kind


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        ("DMSO", "vehicle"),
        ("0.1 % DMSO (24 h)", "vehicle"),
        ("untreated", "vehicle"),
        ("0 h", "0 h"),
        ("0h of the same arm", "0 h"),
        ("DMSO, 0 h", "0 h"),
        ("0 hours", "0 h"),
        ("Baseline", "0 h"),
        ("20 h", "20h"),
        ("10 h of DMSO", "vehicle"),
        ("bortezomib", "bortezomib"),
        ("", ""),
    ],
)
def test_the_kind_of_a_control(control, kind):
    assert control_kind(control) == kind


def test_an_expectation_without_a_control_is_of_any_kind():
    assert other_control(row(), setting()) is None
    assert other_control(row(control="vehicle"), setting()) is None
    assert other_control(row(control="0 h of the same arm"), setting()) == "0 h"


def test_samples_at_0_h_are_a_control_of_that_kind():
    start = SAMPLES[SAMPLES["cell_line"] == "MM1S"].assign(
        hours=lambda rows: rows["hours"].where(rows["treatment"] != "dmso", "0")
    )
    assert setting_of(start, LENALIDOMIDE)["control"] == ["0 h"]
    assert other_control(row(control="DMSO"), setting_of(start, LENALIDOMIDE)) == "vehicle"


def test_a_drug_may_be_held_against_its_own_arm_at_0_h():
    arm = SAMPLES[SAMPLES["treatment"] == "lenalidomide"].assign(
        hours=lambda rows: rows["hours"].replace({"24": "0"})
    )
    start, later = (
        sidecar("72", hours, factor="hours", under={"treatment": "lenalidomide"})
        for hours in ["0", "24"]
    )
    assert drug_of(start, "dmso", arm) == "lenalidomide"
    assert setting_of(arm, start)["control"] == ["0 h"]
    assert drug_of(later, "dmso", SAMPLES) is None
    assert drug_of(start, "dmso", SAMPLES) is None


def test_a_row_of_the_same_kind_of_control_goes_before_one_that_fits_better():
    rows = [row("MM.1S", hours="24", control="0 h"), row("OPM2", hours="72")]
    assert chosen(rows, setting())[0] == 1
    assert chosen(rows[:1], setting()) == (0, [])


def test_what_cannot_be_compared_is_of_this_setting_and_has_a_number():
    rows = pd.DataFrame(
        [
            row("MM.1S", hours="24", control="0 h", number="-1.7"),
            row("MM.1S", hours="24", control="DMSO", number="-1.7"),
            row("MM.1S", hours="24", control="0 h"),
            row("OPM2", hours="24", control="0 h", number="-1.7"),
            row("MM.1S", hours="24", control="0 h", number="-1.7", expected="unknown"),
        ]
    ).reset_index(drop=True)
    found = not_comparable(rows, "lenalidomide", setting())
    assert [(found_row.name, kind) for found_row, kind in found] == [(0, "0 h")]


def test_the_setting_of_an_experiment_in_words():
    words = "MM1S, lenalidomide 10 uM, 24 h, against vehicle"
    assert setting_in_words(setting(), "lenalidomide") == words
    assert setting_in_words(setting(dose_um="", hours=""), "lenalidomide") == (
        "MM1S, lenalidomide, against vehicle (the sheet does not say the dose and the hours)"
    )
