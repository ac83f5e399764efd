import numpy as np
import pysam

from imid.counting.annotation import POSITION_BITS
from imid.quality.genotype_counts import UNKNOWN_BASE, reference_bases
from imid.quality.genotype_regions import Regions


def test_letters_are_read_with_the_repeats_beside_them(tmp_path):
    genome = tmp_path / "genome.fa"
    genome.write_text(">1\nACGTTTTTCa\n")
    pysam.faidx(str(genome))
    # An index that was built with more sequences than the FASTA has leads to contigs without any.
    start = np.array([1, 1 << POSITION_BITS])
    regions = Regions(["1", "patch"], start, start + np.array([8, 3]), np.ones(2, np.int8))
    letters, beside = reference_bases(genome, regions)
    assert letters.tolist() == [1, 2, 3, 3, 3, 3, 3, 1, *[UNKNOWN_BASE] * 3]
    assert beside[:8].tolist() == [False, *[True] * 7]
