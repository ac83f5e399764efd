import importlib.metadata
import platform
import shutil
import subprocess

import pytest

from imid.running.checkout import environment, git_commit

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def git(tmp_path, monkeypatch):
    """Run git in a new checkout that knows no configuration but its own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "checkout"
    folder.mkdir()

    def run(*arguments):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        command = ["git", "-C", str(folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    run.folder = folder
    return run


@pytest.fixture
def checkout(git):
    """A checkout with one commit."""
    git("init", "--quiet")
    (git.folder / "Snakefile").write_text("rule all:\n")
    git("add", "Snakefile")
    git("commit", "--quiet", "--message", "first")
    return git


@needs_git
def test_a_clean_checkout_is_named_by_its_commit(checkout):
    assert git_commit(checkout.folder) == checkout("rev-parse", "HEAD")


@needs_git
@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_is_told(checkout, staged):
    (checkout.folder / "Snakefile").write_text("rule other:\n")
    if staged:
        checkout("add", "Snakefile")
    commit = checkout("rev-parse", "HEAD")
    assert git_commit(checkout.folder) == f"{commit}, with local changes"


@needs_git
def test_files_that_are_not_tracked_are_no_change(checkout):
    (checkout.folder / "results.tsv").write_text("x\n")
    assert git_commit(checkout.folder) == checkout("rev-parse", "HEAD")


@needs_git
def test_a_folder_below_the_checkout_will_do(checkout):
    (checkout.folder / "scripts").mkdir()
    assert git_commit(checkout.folder / "scripts") == checkout("rev-parse", "HEAD")


@needs_git
def test_a_checkout_without_a_commit_is_unknown(git):
    git("init", "--quiet")
    assert git_commit(git.folder) == "unknown"


@needs_git
def test_a_folder_without_git_is_unknown(git):
    assert git_commit(git.folder) == "unknown"


def test_a_machine_without_git_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) == "unknown"


def test_libraries_have_the_versions_that_are_installed():
    told = environment()
    assert told["python"] == platform.python_version()
    assert told["libraries"]["HTSeq"] == importlib.metadata.version("HTSeq")


def test_of_a_conda_environment_its_own_libraries_are_told(tmp_path):
    packages = tmp_path / "lib/python3.11/site-packages"
    for name, text in {"one-1.5": "Name: one\nVersion: 1.5\n", "broken-1.0": None}.items():
        (packages / f"{name}.dist-info").mkdir(parents=True)
        if text:
            (packages / f"{name}.dist-info/METADATA").write_text(text)
    assert environment(str(tmp_path)) == {"python": "3.11", "libraries": {"one": "1.5"}}
