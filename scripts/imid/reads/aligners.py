"""The aligners that there are, by the names that the config calls them."""

from imid.reads import hisat2, star

ALIGNERS = {aligner.name: aligner for aligner in [star.ALIGNER, hisat2.ALIGNER]}
