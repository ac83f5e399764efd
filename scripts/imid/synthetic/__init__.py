"""The synthetic experiment: reads with a known truth."""
