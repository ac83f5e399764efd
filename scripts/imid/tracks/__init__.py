"""Alignments to look at: coverage of each sample, and a session that opens all in IGV."""
