"""Measure the error rates and the power that are told, and whether they keep their bounds.

``make calibrate`` writes the table; the figures in README and docs/statistics.md are its output.
With ``NOISE=folder`` real noise is drawn, too: see `noise`.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from calibrate import agreement, lines, noise, published, rates, sets, slopes, told_effects
from imid.shared.tables import write_table

CLAIMS = {
    "rates": rates,
    "slopes": slopes,
    "lines": lines,
    "published": published,
    "sets": sets,
    "agreement": agreement,
}


def main(argv: list[str] | None = None) -> None:
    """Write the table; end with an error where a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400, help="of each kind of noise")
    parser.add_argument("--claims", nargs="+", choices=[*CLAIMS, "told"], default=[*CLAIMS, "told"])
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    kinds = noise.sources()
    if [*kinds] == [noise.STAND_IN]:
        print(f"{noise.VARIABLE} names no folder of counts: the noise is simulated, see noise.py.")
    found = []
    with ProcessPoolExecutor(os.cpu_count(), initializer=threadpool_limits, initargs=(1,)) as pool:
        for claim in arguments.claims:
            if claim == "told":
                found += told_effects.measured(arguments.draws, pool)
            for name in kinds if claim in CLAIMS else []:
                try:
                    found += CLAIMS[claim].measured(name, arguments.draws, pool)
                except ValueError as error:
                    print(f"{claim}, {name}: not measured, {error}")
    table = pd.DataFrame([each.row() for each in found])
    write_table(table, arguments.output)
    print(table.fillna("").to_string(index=False))
    if (table["kept"] == "NO").any():
        raise SystemExit("Some bounds are not kept.")


if __name__ == "__main__":
    main()
