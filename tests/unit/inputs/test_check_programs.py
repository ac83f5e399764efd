import pytest

from imid.inputs.check_programs import missing_programs


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Put programs of these names on the PATH, and no others."""

    def provide(*names):
        for name in names:
            (tmp_path / name).touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return provide


def test_only_what_the_run_calls_is_needed(on_path):
    on_path("samtools", "STAR")
    assert missing_programs("star", trim=False) == []


def test_all_that_is_missing_is_named_at_once(on_path):
    on_path("samtools")
    (problem,) = missing_programs("hisat2", trim=True)
    assert "hisat2, hisat2-build, hisat2-inspect, fastp" in problem
    assert "--software-deployment-method conda" in problem


def test_what_reads_an_index_is_a_part_of_the_aligner(on_path):
    on_path("samtools", "hisat2", "hisat2-build")
    (problem,) = missing_programs("hisat2", trim=False)
    assert problem.startswith("not on the PATH: hisat2-inspect; install")
