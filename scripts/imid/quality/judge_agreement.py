"""Say of each sample of a fit whether it sits with its replicates."""

import argparse
from pathlib import Path

from imid.quality.sample_agreement import agreement_warnings, sample_agreement
from imid.shared import run_warnings
from imid.shared.problems import reported, warn
from imid.shared.tables import read_table, write_table


def main(argv: list[str] | None = None) -> None:
    """Write the table of one fit, and warnings of samples that sit elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, required=True, help="samples table")
    parser.add_argument("--vst", type=Path, required=True, help="transformed counts")
    parser.add_argument("--normalized", type=Path, required=True, help="normalized counts")
    parser.add_argument("--counts", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True, help="to write")
    run_warnings.add_warning_options(parser)
    arguments = parser.parse_args(argv)

    matrices = (
        read_table(path, index="gene_id")
        for path in [arguments.vst, arguments.normalized, arguments.counts]
    )
    table = sample_agreement(*matrices, read_table(arguments.samples))
    warnings = agreement_warnings(table)
    for warning in warnings:
        warn(warning)
    write_table(table, arguments.table)
    run_warnings.write_warnings(warnings, arguments.about, arguments.warnings)


if __name__ == "__main__":
    reported(main)
