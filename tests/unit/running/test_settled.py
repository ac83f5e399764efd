import pytest

from imid.reads.findings import LineStrandedness
from imid.running.settled import settled_lines
from imid.shared.json_files import as_json
from small_experiment import load, write, write_experiment


@pytest.fixture
def experiment(tmp_path):
    return load(write_experiment(tmp_path / "experiment"))


def find(results, line, configured="reverse"):
    counts = {"sense": 900, "antisense": 100, "message": "it reads sense"}
    finding = LineStrandedness(line, "reverse", configured, f"{line}_dmso_1", **counts)
    write(results / f"strandedness/{line}.json", as_json(finding))


def count(results, sample):
    write(results / f"samples/{sample}/counts.tsv", "gene_id\tcount\n")


def test_nothing_is_settled_at_first(experiment, tmp_path):
    assert settled_lines(experiment, tmp_path) == []


def test_a_line_is_settled_once_a_sample_was_counted_by_it(experiment, tmp_path):
    find(tmp_path, "MM1S")
    find(tmp_path, "MM1S_res")
    assert settled_lines(experiment, tmp_path) == []
    count(tmp_path, "MM1S_res_pomalidomide_3")
    assert settled_lines(experiment, tmp_path) == ["MM1S_res"]


def test_a_finding_of_another_setting_settles_nothing(experiment, tmp_path):
    count(tmp_path, "MM1S_dmso_1")
    find(tmp_path, "MM1S", "auto")
    assert settled_lines(experiment, tmp_path) == []


@pytest.mark.parametrize("finding", ['{"configured": "reverse"}', "{", "[]"])
def test_a_finding_that_was_cut_settles_nothing(experiment, tmp_path, finding):
    count(tmp_path, "MM1S_dmso_1")
    write(tmp_path / "strandedness/MM1S.json", finding)
    assert settled_lines(experiment, tmp_path) == []


def test_counts_without_a_finding_settle_nothing(experiment, tmp_path):
    count(tmp_path, "MM1S_dmso_1")
    assert settled_lines(experiment, tmp_path) == []


def test_a_finding_that_was_damaged_settles_nothing(experiment, tmp_path):
    for line, sample in [("MM1S", "MM1S_dmso_1"), ("MM1S_res", "MM1S_res_dmso_1")]:
        find(tmp_path, line)
        count(tmp_path, sample)
    damaged = str(tmp_path / "strandedness/MM1S.json")
    lines = settled_lines(experiment, tmp_path, lambda name: name == damaged and "was altered")
    assert lines == ["MM1S_res"]
