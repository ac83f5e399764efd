"""The negative-binomial machinery. A product by itself, built on shared alone."""
