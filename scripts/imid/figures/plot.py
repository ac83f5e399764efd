"""Draw several figures in one process, which loads the libraries once.

    python -m imid.figures.plot volcano --contrast C.tsv ... + ma --contrast C.tsv ...

Each figure is the name of a module, without ``plot_``, and its options.
"""

import importlib
import sys
from itertools import groupby

from imid.shared.problems import reported

BETWEEN = "+"


def main(argv: list[str] | None = None) -> None:
    """Draw one figure after the other."""
    words = sys.argv[1:] if argv is None else argv
    for between, command in groupby(words, key=BETWEEN.__eq__):
        if not between:
            figure, *options = command
            importlib.import_module(f"imid.figures.plot_{figure}").main(options)


if __name__ == "__main__":
    reported(main)
