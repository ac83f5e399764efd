"""What a run says when it has ended, and that nothing of it fails the run."""

import errno

from imid.running import ending


def test_a_disk_that_is_full_fails_no_run_that_went_well(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    told = []
    monkeypatch.setattr(ending, "tell_of_left_overs", told.append)

    def fill(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "results/qc/resources.tsv")

    monkeypatch.setattr(ending, "summarize_jobs", fill)
    ending.tell_what_was_done(["results/report.html"])
    assert told == [["results/report.html"]]
    assert "results/qc/resources.tsv: no space is left on the disk" in capsys.readouterr().err
