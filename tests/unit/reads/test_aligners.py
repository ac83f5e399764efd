"""What all aligners have in common, and that one more is known everywhere."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from imid.inputs.check_index import read_index
from imid.inputs.check_programs import missing_programs
from imid.reads import align_sample, aligners, build_index
from imid.reads.aligner import Alignment, BuiltFrom, load
from imid.reads.aligners import ALIGNERS
from imid.reads.alignment_options import alignment_command
from imid.reads.findings import LineStrandedness
from imid.reads.hisat2 import Hisat2
from imid.reads.origins import PlannedOrigin
from imid.reads.read_plan import ReadPlan
from imid.shared.json_files import as_json, write_json
from imid.shared.problems import InputError
from running import ROOT
from small_experiment import edit, problems, write_experiment
from small_experiment import load as load_experiment

FOLDERS = ["scripts/imid", "workflow"]
# What the products by themselves know of STAR's own tables, the traces of any aligner in what users
# give, and where an aligner is at home.
OF_FILES = ["counting", "userfiles"]


class Third(Hisat2):
    """HISAT2 once more, by another name and with another option."""

    name = "third"
    title = "Third"
    programs = ("third", "third-build")

    def command(self, alignment):
        return [*super().command(alignment), "--no-softclip"]

    def index_command(self, build):
        return ["touch", *(build.folder / name for name in self.index_files)]

    def is_index(self, path):
        return path.name.startswith("third")

    def inspect_index(self, path):
        return BuiltFrom({"chr6": 12, "chr7": 8})


@pytest.fixture
def third(monkeypatch):
    """Register a third aligner, as the recipe does: a module, and its line in the list."""
    module = ModuleType("imid.reads.third")
    module.ALIGNER = Third()
    module.__spec__ = aligners.__spec__
    monkeypatch.setitem(sys.modules, "imid.reads.third", module)
    monkeypatch.setitem(ALIGNERS, "third", module.ALIGNER)
    return module.ALIGNER


def alignment(**asked):
    files = {key: Path(key) for key in ["index", "scratch", "annotation", "splice_sites"]}
    reads = {"first": [Path("a_1.fq")], "second": [Path("a_2.fq")]}
    return Alignment(**{"sample": "s1", "threads": 7, **files, **reads, **asked})


@pytest.mark.parametrize("name", ALIGNERS)
def test_an_aligner_is_called_as_its_module_is(name):
    assert load(name) is ALIGNERS[name]
    assert ALIGNERS[name].name == name


@pytest.mark.parametrize("name", ["nope", "trimming", "nope.tsv", "", "../star"])
def test_what_is_no_aligner_is_not_loaded(name):
    with pytest.raises(InputError, match="is no aligner"):
        load(name)


@pytest.mark.parametrize("name", ALIGNERS)
@pytest.mark.parametrize("second", [[], [Path("a_2.fq")]])
def test_a_command_takes_reads_threads_and_the_name_of_the_sample(name, second):
    words = [str(word) for word in ALIGNERS[name].command(alignment(second=second))]
    assert "a_1.fq" in words
    assert ("a_2.fq" in words) == bool(second)
    assert "7" in words
    assert any(word.endswith("s1") for word in words)


@pytest.mark.parametrize("name", ALIGNERS)
def test_its_summary_is_one_of_the_reports_that_are_kept(name):
    assert ALIGNERS[name].summary in {None, *ALIGNERS[name].reports}


@pytest.mark.parametrize("name", ALIGNERS)
def test_what_it_says_it_got_is_no_evidence_where_it_said_nothing(name, tmp_path):
    with pytest.raises(Exception, match="only in part"):
        ALIGNERS[name].total(tmp_path)


@pytest.mark.parametrize("name", ALIGNERS)
def test_an_index_that_was_built_can_be_named_by_the_user(name, tmp_path):
    """What a run built may serve the next, by whatever of it the user must name."""
    aligner = ALIGNERS[name]
    for file in aligner.index_files:
        (tmp_path / file).touch()
    built = aligner.built_index(str(tmp_path))
    named = built.removesuffix(".1.ht2")
    assert aligner.prebuilt_index(named, Path())[0] == built
    assert aligner.is_index(Path(named))


@pytest.mark.parametrize("name", ALIGNERS)
def test_the_index_of_another_is_told_from_its_own(name, tmp_path):
    for file in ALIGNERS[name].index_files:
        (tmp_path / file).touch()
    named = Path(ALIGNERS[name].built_index(str(tmp_path)).removesuffix(".1.ht2"))
    assert [other for other in ALIGNERS if ALIGNERS[other].is_index(named)] == [name]


# A third one


def test_the_config_may_name_it(third, tmp_path):
    folder = write_experiment(tmp_path)
    edit(folder / "config/config.yaml", "aligner: star", "aligner: third")
    plan = ReadPlan(load_experiment(folder))
    assert plan.aligner is third
    assert plan.align_options.startswith("--aligner third ")
    assert plan.programs == ["third", "samtools", "fastp"]


def test_without_it_the_config_may_not(tmp_path):
    folder = write_experiment(tmp_path)
    edit(folder / "config/config.yaml", "aligner: star", "aligner: third")
    (problem,) = problems(folder)
    assert "config/config.yaml, line 5, aligner: " in problem
    assert all(name in problem for name in ALIGNERS)


def test_its_programs_are_asked_for(third, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (problem,) = missing_programs("third", trim=False)
    assert "not on the PATH: samtools, third, third-build;" in problem


def test_its_index_is_looked_into_and_is_no_others(third, tmp_path):
    index = read_index(tmp_path / "third", "ix", "third")
    assert (index.names, index.genes) == (["chr6", "chr7"], None)
    with pytest.raises(Exception, match="is an index of Third, but the aligner is star"):
        read_index(tmp_path / "third", "ix", "star")


def test_steps_run_it(third, tmp_path):
    line = LineStrandedness("MM1S", "yes", "auto", "s", 900, 100, "it reads sense")
    write_json(line, tmp_path / "line.json")
    origin = as_json(PlannedOrigin(reads=[], settings={}, reference={}))
    arguments = align_sample.parse_options(
        [
            *["--sample", "s", "--first", "a_1.fq", "--aligner", "third", "--index", "g.1.ht2"],
            *["--count-engine", "fast", "--features", "f", "--annotation", "g.gtf"],
            *["--splice-sites", "s.tsv", "--exons", "e.bed", "--origin", origin],
            *["--strandedness", str(tmp_path / "line.json")],
            *["--scratch", "scratch", "--output", "out"],
        ]
    )
    words = alignment_command(arguments, [Path("a_1.fq")], Path("scratch"))
    assert words[-1] == "--no-softclip"
    assert not arguments.aligner.writes_bam


def test_its_index_is_built(third, tmp_path):
    lengths = write(tmp_path / "g.fa.fai", "chr6\t12\t0\t12\t13\n")
    (tmp_path / "ix").mkdir()
    (tmp_path / "ix/left_over").touch()
    options = ["--aligner", "third", "--fasta", "g.fa", "--lengths", str(lengths), "--memory", "9"]
    build_index.main([*options, "--annotation", "--folder", str(tmp_path / "ix")])
    assert sorted(path.name for path in (tmp_path / "ix").iterdir()) == [*third.index_files]


@pytest.mark.parametrize(
    ("command", "told"), [(["false"], "false ended with status 1"), (["true"], "no whole index")]
)
def test_an_index_that_is_not_whole_is_told(third, tmp_path, monkeypatch, command, told):
    monkeypatch.setattr(Third, "index_command", lambda *_: command)
    lengths = write(tmp_path / "g.fa.fai", "chr6\t12\t0\t12\t13\n")
    options = ["--aligner", "third", "--fasta", "g.fa", "--lengths", str(lengths), "--memory", "9"]
    with pytest.raises(InputError, match=told):
        build_index.main([*options, "--folder", str(tmp_path / "ix")])


def write(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("word", ["star", "hisat2"])
def test_nothing_else_knows_an_aligner_by_name(word):
    """In code: what comments and help say of one is no dependency."""
    quoted = [f'"{word}"', f"'{word}'", f'"{word}.', f"{word}_index", f"reads.{word}"]
    quoted += [f"reads/{word}", {"star": '"STAR"', "hisat2": '"HISAT2"'}[word]]
    found = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".smk", ".yaml"} and path.parent.name not in OF_FILES
        if any(name in path.read_text() for name in quoted)
    }
    assert found == {f"scripts/imid/reads/{word}.py"}
