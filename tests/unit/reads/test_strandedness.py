import json

import pytest

from imid.reads.strandedness import compare_strandedness, kind_of, write_finding


def found(tmp_path, configured, *stretches, exons=1000):
    output = tmp_path / "strandedness.json"
    told = [
        {"after": 200_000 * number, "sense": sense, "antisense": antisense}
        for number, (sense, antisense) in enumerate(stretches)
    ]
    for first in told[:1]:
        first["exons"] = exons
    write_finding(told, configured, "MM1S_dmso_1", output)
    return json.loads(output.read_text())


@pytest.mark.parametrize(
    ("sense", "antisense", "configured", "wrong"),
    [
        (50, 950, "reverse", False),
        (50, 950, "yes", True),
        (50, 950, "no", False),
        (950, 50, "yes", False),
        (950, 50, "reverse", True),
        (950, 50, "no", False),
        (500, 500, "no", False),
        (500, 500, "reverse", True),
        (500, 500, "yes", True),
        (640, 360, "yes", True),
        (640, 360, "no", False),
        (700, 300, "yes", False),
        (700, 300, "no", False),
        (700, 300, "reverse", True),
        (300, 700, "yes", True),
        (300, 700, "reverse", False),
        (199, 0, "reverse", False),
        (200, 0, "reverse", True),
        (0, 0, "reverse", False),
    ],
)
def test_a_setting_is_wrong_where_the_reads_contradict_it(sense, antisense, configured, wrong):
    assert compare_strandedness(sense, antisense, configured)[1] == wrong


@pytest.mark.parametrize(
    ("sense", "antisense", "words"),
    [
        (50, 950, "of 1000 fragments 5.0% read sense, 95.0% antisense: strandedness is 'reverse'"),
        (950, 50, "of 1000 fragments 95.0% read sense, 5.0% antisense: strandedness is 'yes'"),
        (480, 520, "of 1000 fragments 48.0% read sense, 52.0% antisense: strandedness is 'no'"),
        (300, 700, "neither stranded nor unstranded"),
        (3, 40, "only 43 fragments"),
    ],
)
def test_the_message_says_what_the_reads_show(sense, antisense, words):
    assert words in compare_strandedness(sense, antisense, "reverse")[0]


def test_a_stranded_library_counted_as_unstranded_is_told_but_not_refused():
    message, wrong = compare_strandedness(20, 980, "no")
    assert not wrong
    assert "strandedness is 'reverse', configured is 'no'" in message
    assert "lost" in message


def test_the_finding_is_written_where_the_setting_fits(tmp_path, capsys):
    finding = found(tmp_path, "reverse", (3, 300))
    assert (finding["sense"], finding["antisense"], finding["wrong"]) == (3, 300, False)
    assert "strandedness is 'reverse'" in finding["message"]
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("sense", "antisense", "configured"), [(0, 300, "yes"), (300, 0, "reverse"), (150, 150, "yes")]
)
def test_a_wrong_setting_is_told_with_the_sample_and_what_would_be_right(
    tmp_path, capsys, sense, antisense, configured
):
    """It stops nothing: the alignments of a whole hour are kept, and refused by `cross_check`."""
    finding = found(tmp_path, configured, (sense, antisense))
    assert finding["wrong"]
    kind = kind_of(sense, antisense)
    assert f"strandedness is '{kind}', configured is '{configured}'" in finding["message"]
    assert f"sample MM1S_dmso_1: {finding['message']}" in capsys.readouterr().err


def test_a_later_lane_whose_mates_changed_places_is_found(tmp_path):
    finding = found(tmp_path, "reverse", (0, 6000), (0, 300), (250, 50), (300, 0))
    assert (finding["sense"], finding["antisense"], finding["wrong"]) == (0, 6000, True)
    assert "; but after 400000 fragments of 300 fragments 83.3% read sense" in finding["message"]
    assert "have mates of a lane changed places?" in finding["message"]


@pytest.mark.parametrize(
    ("exons", "words"), [(1, "lie on 1 exon alone"), (7, "lie on 7 exons alone"), (50, "")]
)
def test_fragments_of_few_exons_may_tell_of_these_alone(tmp_path, exons, words):
    """As where reads are sorted by position, and the first genes are on the wrong strand."""
    finding = found(tmp_path, "reverse", (950, 50), exons=exons)
    assert finding["wrong"]
    assert words in finding["message"]
    assert ("sorted by position" in finding["message"]) == bool(words)
    assert "sorted" not in found(tmp_path, "yes", (950, 50), exons=exons)["message"]


@pytest.mark.parametrize(("stretches", "told"), [([(0, 100)], 100), ([], 0)])
def test_too_few_fragments_do_not_stop_the_run(tmp_path, stretches, told):
    finding = found(tmp_path, "yes", *stretches)
    assert finding["message"].startswith(f"only {told} fragments")
    assert not finding["wrong"]


@pytest.mark.parametrize(
    ("sense", "antisense", "kind"),
    [
        (50, 950, "reverse"),
        (950, 50, "yes"),
        (500, 500, "no"),
        (640, 360, "no"),
        (700, 300, None),
        (199, 0, None),
    ],
)
def test_the_kind_of_a_library_is_told_by_its_reads_alone(sense, antisense, kind):
    assert kind_of(sense, antisense) == kind
