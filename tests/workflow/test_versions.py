"""One version of everything: pyproject.toml, the lock file and the conda environments agree."""

import re
import tomllib

import pytest
import yaml

from running import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lines) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9_.-]+)\s*==\s*([^\s;]+)", line) for line in lines)
    return {match[1].lower().replace("_", "-"): match[2] for match in found if match}


def environment(name) -> dict:
    return yaml.safe_load((ROOT / f"envs/{name}.yaml").read_text())


def test_every_dependency_is_pinned():
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    assert len(pins(asked)) == len(asked)


def test_the_lock_holds_what_the_project_asks_for():
    locked = pins((ROOT / "requirements.lock").read_text().splitlines())
    asked = pins([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]])
    assert asked.items() <= locked.items()


def test_the_python_environment_has_the_projects_versions():
    of_pip = environment("python")["dependencies"][-1]["pip"]
    in_environment = pins(of_pip)
    assert len(in_environment) == len(of_pip)
    runs_the_workflow = {"snakemake", "snakemake-executor-plugin-slurm"}
    asked = pins(PROJECT["dependencies"])
    assert in_environment == {k: v for k, v in asked.items() if k not in runs_the_workflow}


def test_the_programs_have_exact_versions():
    whichever = {"gzip", "coreutils", "gawk", "pip"}
    *programs, _ = environment("programs")["dependencies"]
    for program in programs:
        assert program in whichever or re.fullmatch(r"\S+ =\d+(\.\w+)+", program), program


def test_the_libraries_beside_the_programs_have_the_projects_versions():
    *programs, of_pip = environment("programs")["dependencies"]
    assert pins(of_pip["pip"]).items() <= pins(PROJECT["dependencies"]).items()
    assert len(pins(of_pip["pip"])) == len(of_pip["pip"])
    assert (
        next(p for p in programs if p.startswith("python "))
        in environment("python")["dependencies"]
    )


@pytest.mark.parametrize("recipe", ["Dockerfile", "apptainer.def"])
def test_a_container_takes_its_versions_from_the_other_files(recipe):
    """It names none but those of the base image and of Python, which all environments name."""
    lines = (ROOT / "envs" / recipe).read_text().splitlines()
    said = "\n".join(line for line in lines if not line.startswith("#"))
    assert "--file /tmp/programs.yaml" in said
    assert "--requirement /tmp/requirements.lock" in said
    base, python = re.findall(r"\S+[:=]\d[\w.]*", said)
    assert re.fullmatch(r"mambaorg/micromamba:\d+\.\d+\.\d+", base)
    assert python.replace("=", " =") in environment("python")["dependencies"]


def test_both_containers_are_the_same():
    docker, apptainer = (
        " ".join((ROOT / "envs" / recipe).read_text().replace("\\\n", "").split())
        for recipe in ["Dockerfile", "apptainer.def"]
    )
    for command in re.findall(r"micromamba (?:install|run) .*?(?= (?:&&|#|ENV))", docker):
        assert command in apptainer
