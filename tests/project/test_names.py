"""One meaning for one name: what a module defines is called like nothing of another module."""

import ast
from collections import defaultdict

from running import ROOT

# Every step has one.
SHARED = {"main"}


def defined() -> dict[str, list[str]]:
    """The functions and classes at the top of modules: by name, the modules that define it."""
    names = defaultdict(list)
    for path in sorted((ROOT / "scripts/imid").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names[node.name].append(str(path.relative_to(ROOT / "scripts/imid")))
    return names


def test_no_function_or_class_is_called_like_one_of_another_module():
    names = defined()
    assert len(names) > 900
    twice = {name: where for name, where in names.items() if len(where) > 1}
    assert {name: where for name, where in twice.items() if name not in SHARED} == {}
