"""List the programs of all aligners: what must be there to test the workflow."""

import argparse

from imid.reads.aligners import ALIGNERS
from imid.shared.problems import reported


def main(argv: list[str] | None = None) -> None:
    """Print the program by which each aligner is known, one a line."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    for aligner in ALIGNERS.values():
        print(aligner.programs[0])


if __name__ == "__main__":
    reported(main)
