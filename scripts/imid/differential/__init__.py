"""Fit, contrasts and shrinkage as the workflow uses them."""
