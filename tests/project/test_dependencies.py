"""What is imported is declared, and what is declared is used."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml

from imid.reads.aligners import ALIGNERS
from imid.running.sources import modules_of, path_of
from running import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Declared, though no module of ours imports them.
WITHOUT_IMPORT = {
    "multiqc": "a program",
    "snakemake-executor-plugin-slurm": "loaded by Snakemake, by its name",
    "formulaic": "writes the model matrices that formulaic-contrasts asks for",
    "gseapy": "its engine is loaded without the package around it",
}
TOOLS = {
    "import-linter": "a program",
    "mypy": "a program",
    "pandas-stubs": "read by mypy",
    "pytest-cov": "loaded by pytest",
    "ruff": "a program",
    "snakefmt": "a program",
    "types-psutil": "read by mypy",
}


def normalized(name):
    return name.lower().replace("_", "-").replace(".", "-")


def declared(requirements):
    return {normalized(re.match(r"[\w.-]+", text)[0]) for text in requirements}


def imported_by(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def libraries(files):
    """Name the distributions that files import, wherever in their text."""
    ours = {"imid", "draw_rooms", "calibrate"}
    ours |= {path.stem for path in (ROOT / "tests").rglob("*.py")}
    modules = {name.partition(".")[0] for file in files for name in imported_by(file.read_text())}
    known = packages_distributions()
    foreign = modules - sys.stdlib_module_names - ours
    return {normalized(name) for module in foreign for name in known.get(module, [module])}


def steps_of_rules() -> dict[str, tuple[str, list[str]]]:
    """By rule the conda environment that its jobs run in, and the modules of ours that they run."""
    found = {}
    figures = [f"imid.figures.{path.stem}" for path in (ROOT / "scripts/imid/figures").glob("*.py")]
    aligners = [f"imid.reads.{name}" for name in ALIGNERS]
    exceptions = [f"imid.{aligner.exceptions}" for aligner in ALIGNERS.values()]
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"^ *rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            (environment,) = re.findall(r"envs/(\w+)\.yaml", rule)
            modules = re.findall(r"python -m (imid[\w.]+)", rule)
            # What a step loads or is by a name that the plan gives it.
            modules += aligners if "ALIGNED_BY" in rule else []
            modules += figures if "figure_modules" in rule else []
            modules += exceptions if "{params.module}" in rule else []
            known = [name for name in modules if path_of(name).exists()]
            found[f"{path.stem}: {rule.partition(':')[0]}"] = environment, known
    return found


STEPS = steps_of_rules()


@pytest.mark.parametrize("rule", [rule for rule, (_, modules) in STEPS.items() if modules])
def test_the_environment_of_a_rule_holds_what_its_steps_import(rule):
    """Where conda provides it, jobs find nothing else; not even Snakemake."""
    name, modules = STEPS[rule]
    of_pip = yaml.safe_load((ROOT / f"envs/{name}.yaml").read_text())["dependencies"][-1]["pip"]
    used = libraries(path_of(module) for module in modules_of(*modules))
    assert used <= declared(of_pip)


def test_the_package_declares_what_it_imports_and_no_more():
    used = libraries((ROOT / "scripts/imid").rglob("*.py"))
    assert used | set(WITHOUT_IMPORT) == declared(PROJECT["dependencies"])
    assert not used & set(WITHOUT_IMPORT)


def test_tests_and_tools_declare_what_they_import_and_no_more():
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
    used = libraries(files) - declared(PROJECT["dependencies"])
    assert used | set(TOOLS) == declared(PROJECT["optional-dependencies"]["test"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f():\n    import psutil\n", {"psutil"}),
        ("import json, yaml.nodes\n", {"pyyaml"}),
        ("from scipy.stats import norm\n", {"scipy"}),
        ("from . import near\nimport imid.shared\n", set()),
        ('"""import pysam"""\n', set()),
    ],
)
def test_imports_of_all_forms_are_seen(tmp_path, text, found):
    file = tmp_path / "module.py"
    file.write_text(text)
    assert libraries([file]) == found


def test_every_room_is_in_the_package():
    """Setuptools leaves out folders without ``__init__.py``, and a room with it."""
    folders = {path.parent for path in (ROOT / "scripts/imid").rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders)
