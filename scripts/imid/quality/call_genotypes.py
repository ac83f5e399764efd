"""Count what a sample's reads show in well expressed exons, so that samples can be compared."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imid.counting.annotation import POSITION_BITS
from imid.counting.features import load_features
from imid.quality.genotype_counts import of_pileup, reference_bases, write_genotype_counts
from imid.quality.genotype_regions import Regions, well_expressed
from imid.quality.pileup import pile_up
from imid.shared.count_table import read_count_table
from imid.shared.problems import InputError, first_few, reported
from imid.shared.rows import read_rows
from imid.userfiles.site_files import Stretch, read_sites


def places_of(sites: Sequence[Stretch], contigs: list[str]) -> list[int]:
    """Give the places of sites their numbers; those on other contigs are left out.

    Parameters
    ----------
    sites : sequence of Stretch
        As the user gives them.
    contigs : list of str
        By number.

    Returns
    -------
    list of int
        Contig numbers above `POSITION_BITS`, positions below.

    Raises
    ------
    InputError
        All are on other contigs, which the checks cannot see of a large annotation.
    """
    number = {name: index for index, name in enumerate(contigs)}
    named = dict.fromkeys(site.contig for site in sites)
    if named and not named.keys() & number.keys():
        raise InputError(
            [
                f"none of the {len(sites):,} sites of qc.sites is on a contig with genes"
                f" ({first_few(named)} against {first_few(contigs)}); take sites of the same"
                " assembly, named as there"
            ]
        )
    return [
        (number[site.contig] << POSITION_BITS) + position
        for site in sites
        if site.contig in number
        for position in range(site.start, site.end)
    ]


def count_in(alignments: Path, regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    """Pile up the reads of regions; where there are none, nothing is read.

    Returns
    -------
    counts, fragment_ends : ndarray
        As of `Pileup`.
    """
    if not len(regions):
        return np.zeros((0, 4), np.int32), np.zeros(0, np.uint64)
    with tempfile.NamedTemporaryFile("w", suffix=".bed") as bed:
        bed.write(regions.as_bed())
        bed.flush()
        pileup = pile_up(alignments, Path(bed.name), regions)
    return pileup.counts, pileup.fragment_ends


def main(argv: list[str] | None = None) -> None:
    """Write what one sample's reads show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True, help="its name")
    parser.add_argument("--alignments", type=Path, required=True, help="sorted BAM with its index")
    parser.add_argument("--counts", type=Path, required=True, help="of its genes")
    parser.add_argument("--features", type=Path, required=True, help="of prepare_annotation")
    parser.add_argument("--exons", type=Path, required=True, help="BED by strand")
    parser.add_argument("--genes", type=Path, required=True, help="table of genes")
    parser.add_argument("--genome", type=Path, required=True, help="FASTA with its index")
    parser.add_argument("--sites", nargs="*", type=Path, default=[], help="VCF or BED: ask these")
    parser.add_argument("--output", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    features = load_features(arguments.features, stranded=False)
    biotypes = {row["gene_id"]: row["biotype"] for row in read_rows(arguments.genes)}
    counts = read_count_table(arguments.counts)
    given = [site for file in arguments.sites for site in read_sites(file, str(file))]
    places = places_of(given, features.contigs)
    regions = well_expressed(
        features, arguments.exons, biotypes, counts, places if arguments.sites else None
    )
    counted, ends = count_in(arguments.alignments, regions)
    letters = reference_bases(arguments.genome, regions)
    asked = regions.bases_at(places) if arguments.sites else None
    kept = of_pileup(arguments.sample, regions, counted, *letters, ends, asked)
    write_genotype_counts(kept, arguments.output)


if __name__ == "__main__":
    reported(main)
