"""What rules declare, held against what their jobs really imported and read.

Runs of the workflow were traced: what each job opened is known from the kernel. From that alone
follows which jobs an edit redoes, and nothing here asks the workflow's own digests for it.
"""

import hashlib
import random
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from declared_dependencies import (
    Job,
    digests_taken,
    loaded_by_rule,
    modules_opened,
    recorded_jobs,
    undeclared,
)
from imid.running import sources
from imid.running.sources import digest, modules_of, path_of, resources_of
from opened_files import Opened, can_trace, opened_by_jobs
from running import ROOT, completed, copy_experiment, snakemake

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(not can_trace(), reason="strace is not there, or may not trace"),
]

INDEX = r"results/reference/(star|hisat2)/"
FOREIGN_INDEX = r"results/reference/contaminants/index/"
# What jobs open though nothing says so, and why that is right.
DELIBERATE = [
    ("align", r"results/samples/[^/]+/", "throws away what a job that was broken off left"),
    ("align", rf"{INDEX}.+", "a file that its rule names stands for all that are made with it"),
    ("strandedness", rf"{INDEX}.+", "likewise"),
    ("contamination", rf"{FOREIGN_INDEX}.+", "likewise"),
    ("aligner_index", INDEX, "empties the folder that it fills"),
    ("contaminant_index", FOREIGN_INDEX, "likewise"),
    ("provenance", r"logs/.*", "what jobs took so far, which is no result and changes none"),
    ("provenance", r"results/provenance/.*", "what jobs wrote down of the results that it names"),
    ("provenance", r"\.snakemake/metadata/.*", "likewise, written by Snakemake"),
]
# What is in digests, but no job of these runs loaded or read: a branch was not taken.
NOT_TAKEN = {
    "imid.differential.stock_test": "with inference: pydeseq2 alone",
    "resources/residual_histograms.tsv.gz": "with three or fewer residual degrees of freedom alone",
}
# What the first digests of code did not see, for one step started another by its file's name
# (strands were counted by a step of their own then).
ONCE_HIDDEN = [
    "imid.counting.count_reads",
    "imid.counting.strands",
    "imid.counting.alignments",
    "imid.shared.bgzf",
]
MODULES = sorted(
    ".".join(path.relative_to(ROOT / "scripts").with_suffix("").parts)
    for path in (ROOT / "scripts/imid").rglob("*.py")
)
# An edit of each file of the workflow that steps read and do not import.
RESOURCES = {
    "resources/activities.tsv": lambda content: content + content.splitlines(keepends=True)[-1],
    "resources/multiqc.yaml": lambda content: content + b"custom_logo_title: edited\n",
    # An alias of IKZF1, by which gene sets are read as well.
    "resources/targets.tsv": lambda content: content.replace(b"LYF1", b"LYF9"),
    "workflow/report/report.html.j2": lambda content: content + b"<!-- edited -->\n",
}


class Run(NamedTuple):
    """A run that was traced."""

    directory: Path
    jobs: dict[str, Job]
    opened: dict[str, Opened]

    def undeclared(self) -> set[tuple[str, str]]:
        """Give what is not declared, each with its rule."""
        return {
            (job.rule, name)
            for log, job in self.jobs.items()
            for name in undeclared(job, self.opened[log], self.directory)
        }


@pytest.fixture(scope="module")
def runs(star_run, hisat2_run, counts_run, annotated_run, tmp_path_factory):
    """From reads by both aligners, and from a count matrix with and without an annotation."""
    folder = tmp_path_factory.mktemp("digests")
    found = []
    for number, directory in enumerate([star_run, hisat2_run, counts_run, annotated_run]):
        taken = digests_taken(directory, folder / f"{number}.json")
        found.append(Run(directory, recorded_jobs(directory, taken), opened_by_jobs(directory)))
    return found


@pytest.fixture(scope="module")
def steps(runs):
    """Of each rule's code, by the modules that it names, what jobs opened of the checkout."""
    loaded = {}
    for run in runs:
        by_rule = loaded_by_rule(run.jobs, run.opened)
        for job in run.jobs.values():
            loaded.setdefault((job.rule, *job.modules), set()).update(by_rule[job.rule])
    return loaded


def found(runs) -> set[tuple[str, str]]:
    """Give what is not declared, without what is left so deliberately."""
    return {
        (rule, name)
        for run in runs
        for rule, name in run.undeclared()
        if not any(rule == left and re.fullmatch(names, name) for left, names, _ in DELIBERATE)
    }


def test_every_rule_ran_and_every_job_was_traced(runs):
    texts = [path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk")]
    rules = {rule for text in texts for rule in re.findall(r"^ *rule (\w+):", text, re.MULTILINE)}
    assert {job.rule for run in runs for job in run.jobs.values()} == rules
    for run in runs:
        assert set(run.jobs) == set(run.opened)


def test_nothing_is_read_that_is_not_declared(runs):
    assert not found(runs)


def test_what_is_left_undeclared_is_still_read(runs):
    told = {each for run in runs for each in run.undeclared()}
    for rule, names, _ in DELIBERATE:
        assert any(rule == each and re.fullmatch(names, name) for each, name in told)


def test_what_stands_for_an_index_is_made_with_all_that_is_read_of_it(runs):
    aligning = {"align", "strandedness"}
    for run in runs[:2]:
        (index,) = (job for job in run.jobs.values() if job.rule == "aligner_index")
        told = {name for rule, name in run.undeclared() if rule in aligning}
        assert {name for name in told if re.match(INDEX, name)} < index.outputs
        assert all(job.inputs & index.outputs for job in run.jobs.values() if job.rule in aligning)


@pytest.mark.parametrize("hidden", ONCE_HIDDEN)
def test_a_module_that_digests_do_not_see_is_found(runs, monkeypatch, hidden):
    read = sources.read_source

    def blind(name):
        source = read(name)
        return source._replace(imported=source.imported - {hidden})

    monkeypatch.setattr(sources, "read_source", blind)
    assert ("align", hidden) in found(runs[:1])


def test_a_file_of_the_workflow_that_digests_do_not_see_is_found(runs, monkeypatch):
    read = sources.read_source
    monkeypatch.setattr(
        sources, "read_source", lambda name: read(name)._replace(resources=frozenset())
    )
    assert ("report", "workflow/report/report.html.j2") in found(runs[:1])


def test_an_input_that_a_rule_does_not_declare_is_found(runs):
    run = runs[0]
    job = next(job for job in run.jobs.values() if job.rule == "targets")
    log = next(log for log, each in run.jobs.items() if each is job)
    for name in sorted(job.inputs):
        hidden = Job(job.rule, job.inputs - {name}, job.params, job.outputs, job.modules, job.files)
        assert undeclared(hidden, run.opened[log], run.directory) == [name]


def test_a_file_that_the_user_gives_and_no_digest_knows_is_found(runs):
    run = runs[0]
    log, job = next((log, job) for log, job in run.jobs.items() if job.rule == "genome")
    assert job.before
    hidden = Job(job.rule, job.inputs, "", job.outputs, job.modules, job.files)
    found = undeclared(hidden, run.opened[log], run.directory)
    assert found == ["reference/genome.fa.gz"]


def test_what_digests_know_is_loaded(steps):
    """Else an edit would redo what it does not change."""
    never = set()
    for (_, *names), loaded in steps.items():
        never |= {*modules_of(*names), *resources_of(*names)} - loaded
    assert never == set(NOT_TAKEN)


def test_an_edit_of_any_module_redoes_exactly_the_steps_that_load_it(steps, monkeypatch, tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    monkeypatch.setattr(sources, "PACKAGES", tmp_path / "scripts")
    read_anew, known, anew = sources.read_source.__wrapped__, {}, set()

    def read(name):
        if name in known and name not in anew:
            return known[name]
        source = read_anew(name)
        # Shorter, for all this is digested again for every module.
        behaviour = source.behaviour and hashlib.sha256(source.behaviour).digest()
        short = source._replace(behaviour=behaviour)
        return short if name in anew else known.setdefault(name, short)

    monkeypatch.setattr(sources, "read_source", read)
    before = {step: digest(*step[1:]) for step in steps}
    wrong = {}
    for module in MODULES:
        path, text = path_of(module), path_of(module).read_text()
        path.write_text(f"{text}\nEDITED = True\n")
        # What a room does belongs to all that is in it.
        room = module.removesuffix("__init__")
        anew |= {name for name in MODULES if name == module or (room != module and room in name)}
        redone = {step for step in steps if digest(*step[1:]) != before[step]}
        loading = {step for step, loaded in steps.items() if module in _with_rooms(loaded)}
        if redone != loading and module not in NOT_TAKEN:
            wrong[module] = redone ^ loading
        path.write_text(text)
        anew.clear()
    assert not wrong


def _with_rooms(modules: set[str]) -> set[str]:
    """Add what Python runs before modules, as soon as there is anything in it."""
    rooms = {name.rpartition(".")[0] for name in modules if name in MODULES}
    return modules | {f"{room}.__init__" for room in rooms | {room.split(".")[0] for room in rooms}}


def expected(run: Run, file: str) -> set[str]:
    """Name, by their logs, the jobs that opened a file of the checkout, and all that follow.

    A strandedness that was found, and counted by, stands: see `imid.running.settled`.
    """
    module = file.removeprefix("scripts/").removesuffix(".py").replace("/", ".")
    jobs = {log: job for log, job in run.jobs.items() if job.rule != "strandedness"}
    redone = {
        log
        for log in jobs
        if module in _with_rooms(modules_opened(run.opened[log]))
        or ROOT / file in run.opened[log].read
    }
    waiting = set(redone)
    while waiting:
        made = set().union(*(run.jobs[log].outputs for log in waiting))
        waiting = {log for log, job in jobs.items() if job.inputs & made} - redone
        redone |= waiting
    return redone


DRAWN = random.Random(12).sample(MODULES, 6)
EDITED = [*(f"scripts/{name.replace('.', '/')}.py" for name in [*ONCE_HIDDEN, *DRAWN]), *RESOURCES]


@pytest.mark.parametrize("file", EDITED)
def test_an_edit_plans_the_jobs_that_opened_the_file_and_what_follows(runs, clone, tmp_path, file):
    run = runs[0]
    finished = copy_experiment(run.directory, tmp_path / "experiment", results=True)
    change = RESOURCES.get(file, lambda content: content + b"\nEDITED = True\n")
    path = clone / file
    path.write_bytes(change(path.read_bytes()))
    snakefile = str(clone / "workflow/Snakefile")
    told = completed(snakemake(finished, "--dry-run", "--snakefile", snakefile)).stdout
    assert set(re.findall(r"^ {4}log: (.*)$", told, re.MULTILINE)) == expected(run, file)
