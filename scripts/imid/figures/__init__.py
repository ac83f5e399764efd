"""One module a figure, one style."""
