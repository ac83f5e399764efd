"""Two runs held against each other, by the records and files that they left."""

import re

import pysam
import pytest
import yaml

from imid.running import equivalent_code, sources
from imid.running.equivalent_code import STEPS, WITH_ALIGNER, main, unknown_code
from imid.running.job_records import RECORDS
from imid.shared.problems import InputError
from recorded_jobs import write_recorded_job
from running import ROOT

ALIGN = "imid.reads.align_sample"
BAM = "results/samples/a/aligned.bam"


@pytest.fixture(autouse=True)
def table(tmp_path, monkeypatch):
    path = tmp_path / "equivalent_code.yaml"
    path.write_text("# what it is\n{}\n")
    monkeypatch.setattr(equivalent_code, "EQUIVALENT", path)
    monkeypatch.setattr(sources, "EQUIVALENT", path)
    sources.equivalents.cache_clear()
    yield path
    sources.equivalents.cache_clear()


def write_bam(path, position, folder):
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 100}], "CO": [str(folder)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        read = pysam.AlignedSegment(file.header)
        read.query_name, read.query_sequence, read.reference_id = "r", "ACGT", 0
        read.reference_start, read.cigarstring, read.mapping_quality = position, "4M", 60
        file.write(read)


@pytest.fixture
def finish(tmp_path):
    """Leave what a run leaves of the steps that take hours."""

    def finished(
        name,
        code="old",
        position=5,
        trimmed="'--trim'",
        counts="00ff",
        fastp="1",
        index=("Genome",),
        command="align {input}",
    ):
        folder = tmp_path / name
        for rule in STEPS:
            outputs = {f"results/{rule}.tsv": counts}
            params = {"code": f"'{code}_{rule}'", "origin": name}
            if rule == "align":
                outputs |= {BAM: name, "results/samples/a/reports/fastp.json": name}
                params |= {"settings": trimmed}
            write_recorded_job(
                folder / RECORDS / f"{rule}.json",
                rule=rule,
                command=command,
                params=params,
                programs={"fastp": fastp},
                inputs=dict.fromkeys(index, "22dd"),
                outputs=outputs,
            )
        write_bam(folder / BAM, position, folder)
        return str(folder)

    return finished


def test_code_whose_results_are_the_same_stands_for_the_code_before(finish, table):
    main([finish("before"), finish("after", "new")])
    main([finish("after", "new"), finish("later", "newer")])
    recorded = yaml.safe_load(table.read_text())
    assert recorded["align"] == dict.fromkeys(
        ["old_align", "new_align", "newer_align"], "old_align"
    )
    assert {*recorded} == {*STEPS}
    assert table.read_text().startswith("# what it is\n")


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"counts": "11ee"}, "results/align.tsv: differs"),
        ({"position": 6}, f"{BAM}: differs"),
        ({"trimmed": "''"}, "made with another settings"),
        ({"fastp": "2"}, "made with other versions of programs"),
        ({"index": ("Genome", "SA")}, "made from another set of files"),
        ({"command": "align {input} "}, "made by another command"),
    ],
)
def test_nothing_is_recorded_where_runs_differ(finish, table, after, told):
    before = table.read_text()
    with pytest.raises(InputError, match=told) as error:
        main([finish("before"), finish("after", "new", **after)])
    assert error.value.problems[-1] == "The runs differ: nothing was recorded"
    assert table.read_text() == before


@pytest.mark.parametrize("content", [None, b"", b"\x1f\x8b"])
def test_alignments_that_are_gone_or_cut_by_now_are_not_the_same(finish, tmp_path, content):
    before, after = finish("before"), finish("after", "new")
    (tmp_path / "after" / BAM).unlink()
    if content is not None:
        (tmp_path / "after" / BAM).write_bytes(content)
    with pytest.raises(InputError, match=f"{BAM}: differs"):
        main([before, after])


@pytest.mark.parametrize("words", [[], ["one"], ["one", "two", "three"], ["--anew", "one"]])
def test_a_wrong_command_line_records_nothing(table, words):
    before = table.read_text()
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert table.read_text() == before


def test_what_only_one_run_has_is_told(finish, tmp_path):
    before, after = finish("before"), finish("after", "new")
    (tmp_path / "after" / RECORDS / "align.json").unlink()
    with pytest.raises(InputError, match="no record of the rule align"):
        main([before, after])


def test_a_digest_is_that_of_the_code_it_stands_for(table):
    own = sources.digest_of_code(ALIGN)
    assert sources.digest(ALIGN) == own
    table.write_text(yaml.safe_dump({ALIGN: {own: "earlier"}}))
    sources.equivalents.cache_clear()
    assert sources.digest(ALIGN) == "earlier"


def test_code_of_today_may_begin_anew(table):
    assert {rule for rule, _ in unknown_code()} == {*STEPS}
    main(["--anew"])
    assert unknown_code() == []
    own = sources.digest_of_code(ALIGN, "imid.reads.star")
    assert yaml.safe_load(table.read_text())["align"][own] == own


def test_the_steps_are_those_that_their_rules_digest():
    text = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    for rule, module in STEPS.items():
        (body,) = re.findall(rf"^( *)rule {rule}:\n(.*?)(?=^\1\S|\Z)", text, flags=re.M | re.S)
        aligner = ", ALIGNED_BY" if rule in WITH_ALIGNER else ""
        assert f'code=code("{module.removeprefix("imid.")}"{aligner})' in body[1]
