"""Draw the rooms of the package and the flow of the workflow into scripts/README.md.

    python scripts/draw_rooms.py --experiment demo

Rooms and their arrows come from what modules import, rules and theirs from Snakemake's own graph.
"""

import argparse
import re
import subprocess
import sys
from ast import get_docstring, parse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import grimp

from imid.shared.problems import InputError, reported

SCRIPTS = Path(__file__).resolve().parent
PACKAGE = "imid"
DRAWING = SCRIPTS / "README.md"

Arrows = set[tuple[str, str]]


def rooms() -> dict[str, str]:
    """Give each room and what stands over its door."""
    doors = sorted(SCRIPTS.glob(f"{PACKAGE}/*/__init__.py"))
    return {door.parent.name: get_docstring(parse(door.read_text())) or "" for door in doors}


def imports_between_rooms() -> Arrows:
    """Give each room that imports another, and that other."""
    sys.path.insert(0, str(SCRIPTS))
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    pairs = (
        (_room(module), _room(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    )
    return {(user, used) for user, used in pairs if user and used and user != used}


def _room(module: str) -> str | None:
    words = module.split(".")
    return words[1] if len(words) > 1 else None


def rule_graph(experiment: Path) -> Arrows:
    """Ask Snakemake which rule's files go into which rule.

    Parameters
    ----------
    experiment : Path
        A working directory with config and reads; nothing is run there.

    Returns
    -------
    set of tuple of str
        The rule that makes, and the rule that takes.
    """
    if not (experiment / "config/config.yaml").exists():
        raise InputError([f"{experiment}: is no experiment; make demo makes one"])
    asked = [sys.executable, "-m", "snakemake", "--directory", str(experiment)]
    told = subprocess.run(
        [*asked, "--nolock", "--forceall", "--rulegraph", "dot"],
        cwd=SCRIPTS.parent,
        capture_output=True,
        text=True,
    )
    if told.returncode:
        raise InputError([told.stderr.strip()])
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', told.stdout))
    arrows = re.findall(r"(\d+) -> (\d+)", told.stdout)
    return {(names[maker], names[taker]) for maker, taker in arrows}


def rule_files() -> dict[str, tuple[str, list[str]]]:
    """Give the first file that declares each rule, and the steps that its command runs."""
    found: dict[str, tuple[str, list[str]]] = {}
    for file in sorted((SCRIPTS.parent / "workflow").rglob("*.smk")):
        _, *parts = re.split(r"^ *rule (\w+):\n", file.read_text(), flags=re.MULTILINE)
        for rule, body in zip(parts[::2], parts[1::2], strict=True):
            steps = re.findall(rf"python -m {PACKAGE}\.([\w.]+)", body)
            found.setdefault(rule, (file.name, list(dict.fromkeys(steps))))
    return found


def reduced(arrows: Arrows) -> Arrows:
    """Leave out each arrow that a way over others says as well.

    What stands in a circle with an arrow's beginning is no other, so that circles are seen.
    """
    beyond = {start: _reached(start, arrows) for start, _ in arrows}

    def is_said(start: str, end: str) -> bool:
        others = {other for here, other in arrows if here == start and other != end}
        return any(end in beyond.get(other, ()) and start not in beyond[other] for other in others)

    return {arrow for arrow in arrows if not is_said(*arrow)}


def _reached(start: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        new = {end for begin, end in arrows if begin == here} - found
        found |= new
        waiting += new
    return found


def in_order(arrows: Arrows) -> list[str]:
    """Put what arrows join in the order of the flow, and by name where that leaves it open."""
    before = {
        name: {start for start, end in arrows if end == name} for pair in arrows for name in pair
    }
    ordered: list[str] = []
    while waiting := sorted(before.keys() - ordered):
        ordered += [name for name in waiting if before[name] <= set(ordered)] or waiting
    return ordered


def mermaid(direction: str, lines: Iterable[str]) -> list[str]:
    """Put a drawing's lines into a block that GitHub and GitLab draw."""
    return ["```mermaid", f"flowchart {direction}", *(f"    {line}" for line in lines), "```"]


def drawn_rooms() -> str:
    """Draw which room imports which."""
    arrows = [f"{user} --> {used}" for user, used in sorted(reduced(imports_between_rooms()))]
    table = [
        "",
        "| room | |",
        "|---|---|",
        *(f"| `{name}` | {it} |" for name, it in rooms().items()),
    ]
    return "\n".join([*mermaid("TD", arrows), *table])


def drawn_flow(experiment: Path) -> str:
    """Draw which rule's files go into which rule, each with the file that declares it."""
    arrows = {(maker, taker) for maker, taker in rule_graph(experiment) if taker != "all"}
    declared = rule_files()
    shown = in_order(arrows)
    by_file = defaultdict(list)
    for rule in shown:
        by_file[declared[rule][0]].append(rule)
    lines = []
    for file, rules in by_file.items():
        lines += [f'subgraph {Path(file).stem}_smk["{file}"]', *(f"    {r}" for r in rules), "end"]
    lines += [f"{maker} --> {taker}" for maker, taker in sorted(reduced(arrows))]
    table = ["", "| rule | declared in | step |", "|---|---|---|"]
    for rule in shown:
        file, steps = declared[rule]
        table.append(f"| {rule} | {file} | {', '.join(f'`{step}`' for step in steps) or '–'} |")
    return "\n".join([*mermaid("LR", lines), *table])


def hung(text: str, name: str, drawing: str) -> str:
    """Put a drawing into its frame."""
    begin, end = f"<!-- {name}: made by scripts/draw_rooms.py -->", f"<!-- end of {name} -->"
    head, _, rest = text.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise ValueError(f"{DRAWING} has no frame '{begin}' ... '{end}'")
    return f"{head}{begin}\n\n{drawing}\n\n{end}{tail}"


def main(argv: list[str] | None = None) -> None:
    """Draw both anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiment", type=Path, required=True, help="made by make demo")
    arguments = parser.parse_args(argv)
    text = hung(DRAWING.read_text(), "rooms", drawn_rooms())
    DRAWING.write_text(hung(text, "flow", drawn_flow(arguments.experiment)))


if __name__ == "__main__":
    reported(main)
