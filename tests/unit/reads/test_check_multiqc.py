"""What MultiQC shows is all that it was given."""

import pytest

from imid.reads.check_multiqc import main
from imid.reads.findings import FATES
from imid.reads.trimming import REPORT
from imid.shared.problems import InputError

ALIGNED = ["--aligned", "Log.final.out"]
GIVEN = ["Log.final.out", FATES, REPORT]


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Check two samples' reports against what MultiQC says it read, but for some."""
    monkeypatch.chdir(tmp_path)

    def run(overlooked=(), absent=(), aligned=ALIGNED):
        names = [f"{sample}/reports/{name}" for sample in ("a", "b") for name in GIVEN]
        for name in set(names) - set(absent):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        rows = ["Module\tSection\tSample Name\tSource"]
        rows += [f"any\tall\tany\t{tmp_path / name}" for name in names if name not in overlooked]
        (tmp_path / "sources.txt").write_text("\n".join(rows) + "\n")
        main(["--sources", "sources.txt", "--reports", "a/reports", "b/reports", *aligned])

    return run


def test_all_that_was_given_is_there(check):
    check()


def test_reads_that_were_not_trimmed_have_no_report_of_that(check):
    untrimmed = [f"{sample}/reports/{REPORT}" for sample in ("a", "b")]
    check(absent=untrimmed, overlooked=untrimmed)


@pytest.mark.parametrize("name", GIVEN)
def test_what_multiqc_passed_over_is_named(check, name):
    with pytest.raises(InputError, match=f"^b/reports/{name}: MultiQC passed over it$"):
        check(overlooked=[f"b/reports/{name}"])


def test_of_an_aligner_that_multiqc_does_not_know_nothing_is_expected(check):
    summaries = ["a/reports/Log.final.out", "b/reports/Log.final.out"]
    check(aligned=["--aligned"], overlooked=summaries, absent=summaries)


@pytest.mark.parametrize("name", ["Log.final.out", FATES])
def test_a_sample_without_its_reports_is_named(check, name):
    with pytest.raises(InputError, match=f"^b/reports: lacks {name}$"):
        check(absent=[f"b/reports/{name}"])
