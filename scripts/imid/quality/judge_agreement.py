"""Say of each sample of a fit whether it sits with its replicates."""

import argparse
from pathlib import Path

from imid.quality.sample_agreement import sample_agreement
from imid.shared.problems import reported
from imid.shared.tables import read_table, write_table


def main(argv: list[str] | None = None) -> None:
    """Write the table of one fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="samples table")
    parser.add_argument("--vst", type=Path, required=True, help="transformed counts")
    parser.add_argument("--normalized", type=Path, required=True, help="normalized counts")
    parser.add_argument("--counts", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    matrices = (
        read_table(path, index="gene_id")
        for path in [arguments.vst, arguments.normalized, arguments.counts]
    )
    write_table(sample_agreement(*matrices, read_table(arguments.samples)), arguments.output)


if __name__ == "__main__":
    reported(main)
