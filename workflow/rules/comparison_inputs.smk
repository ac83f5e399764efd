# Which contrasts are held against each other, and in which cell lines.


def comparable(first, second):
    """Tell whether two contrasts hold something else against the same."""
    keys = ["factor", "denominator", "under", "between"]
    return all(first.get(key) == second.get(key) for key in keys) and not first.get("between")


def comparisons_of_fit(fit):
    """Name the pairs of contrasts whose numerators are compared with each other."""
    contrasts = FITS[fit].contrasts
    return [
        f"{second['name']}.against.{first['name']}"
        for place, first in enumerate(contrasts)
        for second in contrasts[place + 1 :]
        if comparable(first, second)
    ]


def fits_across(contrast):
    """Name the fits of single lines that a contrast is taken from."""
    return [
        name for name, fit in FITS.items() if not fit.joint and contrast in contrasts_of_fit(name)
    ]


def fits_in_order(wildcards):
    """Name a contrast's fits: of a rule's inputs Snakemake compares the set, not the order."""
    return fits_across(wildcards.contrast)


def across_files(file):
    """Give a function that names one file in each line that has a contrast."""
    return lambda wildcards: [
        f"results/{fit}/{file.format(contrast=wildcards.contrast)}"
        for fit in fits_across(wildcards.contrast)
    ]


ACROSS = [contrast for contrast in CONTRASTS if len(fits_across(contrast)) > 1]
