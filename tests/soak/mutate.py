"""Change the code in small ways and see whether its tests notice: python tests/soak/mutate.py.

Each mutant is one change to one module; it is killed where the module's own tests fail or stand
still. What survives is a line that could be wrong without a word, or a change that makes no
difference. Changes are drawn at random, the same ones for the same seed.
"""

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
# Where a wrong sign or limit gives a wrong number, or lets something pass.
MODULES = {
    "shared/significance": [
        "differential/test_compute_contrast.py",
        "evidence/test_evaluate_targets.py",
    ],
    "counting/counting": ["counting/test_count_reads.py"],
    "counting/fragments": ["counting/test_count_reads.py"],
    "counting/gtf_rules": ["inputs/test_exon_lines.py"],
    "inference/cox_reid": ["inference/test_cox_reid.py"],
    "inference/independent_filtering": ["inference/test_independent_filtering.py"],
    "question/contrasts": ["question/test_contrasts.py"],
    "question/formulas": ["question/test_formulas.py"],
    "question/panel_settings": ["question/test_panel_settings.py"],
    "reads/balance": ["reads/test_balance.py"],
    "reads/read_names": ["reads/test_mate_names.py", "reads/test_fastq_lane.py"],
    "userfiles/scaled_counts": ["userfiles/test_scaled_counts.py"],
    "evidence/target_verdicts": ["evidence/test_target_verdicts.py"],
    "evidence/detectable_effect": ["evidence/test_detectable_effect.py"],
}
OPPOSITES = [
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.In, ast.NotIn),
    (ast.Is, ast.IsNot),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div),
    (ast.FloorDiv, ast.Mod),
    (ast.BitAnd, ast.BitOr),
    (ast.And, ast.Or),
]
OTHER = {one: other for pair in OPPOSITES for one, other in (pair, pair[::-1])}


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Give every mutant of a module: the line, what it says there, and the whole module."""
    tree = ast.parse(source)
    for place, node in enumerate(ast.walk(tree)):
        for choice in range(_choices(node)):
            changed = copy.deepcopy(tree)
            twin = next(n for at, n in enumerate(ast.walk(changed)) if at == place)
            _change(twin, choice)
            yield node.lineno, ast.unparse(twin), ast.unparse(changed)


def _choices(node: ast.AST) -> int:
    """Count the ways in which a node may be changed."""
    if isinstance(node, ast.Compare):
        return sum(type(op) in OTHER for op in node.ops)
    if isinstance(node, ast.BinOp | ast.BoolOp):
        return type(node.op) in OTHER
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    return is_call or isinstance(node, ast.If | ast.Raise)


def _change(node: ast.AST, choice: int) -> None:
    if isinstance(node, ast.Compare):
        known = [at for at, op in enumerate(node.ops) if type(op) in OTHER]
        node.ops[known[choice]] = OTHER[type(node.ops[known[choice]])]()
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        node.op = OTHER[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.If):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    else:
        # A call whose value nobody takes, or an error, is left out.
        node.__class__, node.value = ast.Expr, ast.Constant(None)


def is_killed(house: Path, tests: list[str]) -> bool:
    """Tell whether tests fail in a copy of the checkout."""
    files = [f"tests/unit/{file}" for file in tests]
    try:
        told = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-m", "not r", *files],
            cwd=house,
            capture_output=True,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return True
    return told.returncode != 0


def copied(folder: Path) -> Path:
    """Copy what tests need of the checkout, to be changed there."""
    house = folder / "checkout"
    house.mkdir()
    for part in ["scripts", "tests", "workflow", "resources", "config", "envs"]:
        shutil.copytree(ROOT / part, house / part, symlinks=True)
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def survivors(house: Path, module: str, number: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Try some mutants of a module, and give each with its fate."""
    path = house / f"scripts/imid/{module}.py"
    source = path.read_text()
    if is_killed(house, MODULES[module]):
        sys.exit(f"{module}: its tests fail as it is")
    every = list(mutants(source))
    for line, change, mutant in random.Random(seed).sample(every, min(number, len(every))):
        path.write_text(mutant)
        fate = "killed" if is_killed(house, MODULES[module]) else "survived"
        yield module, str(line), fate, " ".join(change.split())[:80]
    path.write_text(source)


def main() -> None:
    """Try mutants of each module, write their fates, and fail where too many survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES), help="such as question/fits")
    parser.add_argument("--each", type=int, default=25, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floor", type=float, default=0.75, help="share that must be killed")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    fates = []
    with tempfile.TemporaryDirectory() as folder, arguments.output.open("w") as table:
        print("module", "line", "fate", "change", sep="\t", file=table)
        house = copied(Path(folder))
        for module in arguments.modules:
            rows = list(survivors(house, module, arguments.each, arguments.seed))
            fates += [fate for _, _, fate, _ in rows]
            killed = sum(fate == "killed" for _, _, fate, _ in rows)
            print(f"{module}: {killed} of {len(rows)} mutants killed", flush=True)
            for row in rows:
                print(*row, sep="\t", file=table, flush=True)
    share = fates.count("killed") / len(fates)
    print(f"{share:.0%} killed; survivors are in {arguments.output}")
    sys.exit(share < arguments.floor)


if __name__ == "__main__":
    main()
