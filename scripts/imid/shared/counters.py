"""The special counters of htseq-count: what is told of fragments that no gene got."""

# By the name in a table of counts, in the order of its last rows: the column of the sample summary.
COUNTERS = {
    "__no_feature": "no_feature",
    "__ambiguous": "ambiguous",
    "__too_low_aQual": "low_quality",
    "__not_aligned": "unaligned",
    "__alignment_not_unique": "multimapped",
}
