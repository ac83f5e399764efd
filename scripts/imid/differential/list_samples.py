"""List the samples of a fit as the sheet describes them, with the size factors that were fitted.

What the model does not depend on, such as a replicate's name, is put beside it here, and is no
reason to fit it again.
"""

import argparse
from pathlib import Path

from imid.shared.problems import reported
from imid.shared.tables import read_table, write_table


def main(argv: list[str] | None = None) -> None:
    """Write the table of samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metadata", type=Path, required=True, help="as in the sheet")
    parser.add_argument("--size-factors", type=Path, required=True, help="of the fit")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    metadata = read_table(arguments.metadata, index="sample")
    fitted = read_table(arguments.size_factors, index="sample")["size_factor"]
    write_table(metadata.join(fitted, validate="1:1").reset_index(), arguments.output)


if __name__ == "__main__":
    reported(main)
