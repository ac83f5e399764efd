"""What the config says of the samples' quality: what is refused, and where it was given."""

from imid.inputs.check_config import check_config
from imid.inputs.check_quality import quality_problems
from imid.question.quality_settings import Quality
from small_experiment import CONFIG, write


def check(folder, *lines):
    path = folder / "config/config.yaml"
    write(path, CONFIG + "".join(f"{line}\n" for line in lines))
    return check_config([path], folder)


def told(config):
    """What is said after the file and the line."""
    problems = [*config.problems, *quality_problems(config)]
    return [problem.partition("qc.")[2] for problem in problems]


def test_what_is_left_out_is_as_usual(tmp_path):
    assert check(tmp_path).quality == Quality({}, [])


def test_bounds_are_taken_one_by_one(tmp_path):
    config = check(
        tmp_path,
        *["qc:", "  bounds: {pairs: {warn: 300, fail: 20}, rrna: {fail: null}}"],
        "  stop_on: [pairs, strandedness]",
    )
    assert told(config) == []
    assert config.quality.bounds == {"pairs": {"warn": 300, "fail": 20}, "rrna": {"fail": None}}
    assert config.quality.stop_on == ["pairs", "strandedness"]


def test_unknown_figures_are_told_with_what_was_meant(tmp_path):
    config = check(tmp_path, "qc:", "  bounds:", "    pars: {warn: 3}", "  stop_on: [strandednes]")
    bound, stop = told(config)
    assert bound == "bounds.pars: unknown setting; did you mean 'pairs'?"
    assert stop.startswith("stop_on: 'strandednes' is not one of pairs, ")
    assert stop.endswith("; did you mean 'strandedness'?")
    lines = (tmp_path / "config/config.yaml").read_text().splitlines()
    assert f"line {lines.index('    pars: {warn: 3}') + 1}, qc" in config.problems[0]


def test_bounds_that_cannot_be_are_refused_where_they_stand(tmp_path):
    config = check(
        tmp_path,
        *["qc:", "  bounds:", "    pairs: {warn: 1000000}", "    gc: {warn: 0.3}"],
        *["    q30: {fail: 30%}", "    rin: {warns: 7}"],
    )
    assert sorted(told(config)) == [
        "bounds.gc: gc is neither good nor bad, and has no bounds",
        "bounds.pairs: fails at 5,000,000 and warns at 1,000,000, but of pairs a low value is bad:"
        " fail must lie below warn",
        "bounds.q30.fail: must be a number or empty, not '30%'; write it as 0.05, 2 or 1e-3",
        "bounds.rin.warns: unknown setting; did you mean 'warn'?",
    ]


def test_what_cannot_fail_cannot_stop_a_run(tmp_path):
    config = check(tmp_path, "qc:", "  bounds: {rrna: {fail: null}}", "  stop_on: [rrna]")
    assert told(config) == [
        "stop_on: nothing says from where on rrna fails; set qc.bounds.rrna.fail"
    ]
    assert told(check(tmp_path, "qc:", "  stop_on: [gc]"))[0].startswith("stop_on: 'gc' is not")
