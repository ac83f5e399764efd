"""The table of figures of samples: what it refuses, and how a value is judged."""

import pytest

from imid.question.sample_figures import COLUMNS, sample_figures, with_bounds
from imid.shared.problems import InputError

HEADER = "\t".join(COLUMNS)
HIGH = "rrna\tgenes\trRNA\tshare\thigh\t0.1\t0.3\tReads of rRNA.\tno source seen"
LOW = "pairs\treads\tPairs\tcount\tlow\t20\t5\tPairs read.\tno source seen"
NEITHER = "gc\treads\tGC\tshare\tnone\t\t\tG and C.\tno source seen"


def read(folder, *lines):
    path = folder / "figures.tsv"
    path.write_text("\n".join(lines) + "\n")
    return sample_figures(path)


@pytest.mark.parametrize(
    ("figure", "value", "verdict"),
    [
        *[("rrna", 0.1, "pass"), ("rrna", 0.11, "warn"), ("rrna", 0.3, "warn")],
        *[("rrna", 0.31, "fail"), ("pairs", 20, "pass"), ("pairs", 19, "warn")],
        *[("pairs", 5, "warn"), ("pairs", 4, "fail"), ("gc", 1.0, "none")],
    ],
)
def test_what_lies_beyond_a_bound_on_the_worse_side_is_judged_by_it(
    tmp_path, figure, value, verdict
):
    assert read(tmp_path, HEADER, HIGH, LOW, NEITHER)[figure].verdict(value) == verdict


def test_bounds_of_the_user_take_the_place_of_the_usual_ones_one_by_one(tmp_path):
    usual = read(tmp_path, HEADER, HIGH, LOW)
    given = with_bounds(usual, {"rrna": {"warn": None}, "pairs": {"fail": 6}})
    assert (given["rrna"].warn, given["rrna"].fail) == (None, 0.3)
    assert (given["pairs"].warn, given["pairs"].fail) == (20, 6)
    assert given["rrna"].verdict(0.2) == "pass"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER.replace("worse", "wrose"), HIGH], "line 1: unknown column wrose; did you mean"),
        ([HEADER.replace("\tsource", ""), HIGH.rpartition("\t")[0]], "line 1: lacks source"),
        ([HEADER, HIGH, HIGH], "line 3, column figure: rrna is on line 2 already"),
        ([HEADER, HIGH.replace("high", "hihg")], "line 2, column worse: 'hihg' is not high, low"),
        ([HEADER, HIGH.replace("0.3", "0.05")], "line 2: fails at 0.05 and warns at 0.1, but of"),
        ([HEADER, LOW.replace("\t5\t", "\t50\t")], "of pairs a low value is bad: fail must lie"),
        ([HEADER, HIGH.replace("0.3", "30%")], "line 2: a bound is no number"),
        ([HEADER, HIGH.replace("0.3", "nan")], "line 2: a bound is no number"),
        ([HEADER, HIGH.replace("\thigh\t", "\tnone\t")], "rrna is neither good nor bad"),
        ([HEADER, HIGH.replace("Reads of rRNA.", "")], "line 2, column meaning: is empty"),
        ([HEADER, HIGH + "\tmore"], "line 2: has not as many cells as the header"),
        ([HEADER, HIGH.rpartition("\t")[0]], "line 2: has not as many cells as the header"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_its_line(tmp_path, lines, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, *lines)
    assert message in str(error.value)
    assert str(error.value).startswith("figures.tsv, line ")


def test_the_figures_of_the_workflow_can_be():
    figures = sample_figures()
    assert {"pairs", "rrna", "strandedness"} <= figures.keys()
    assert figures["pairs"].verdict(4e6) == "fail"
