"""Annotation and alignments to counts. A product by itself, built on shared alone."""
