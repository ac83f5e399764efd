"""FASTQ to alignments: trimmed, aligned, held against the strandedness."""
