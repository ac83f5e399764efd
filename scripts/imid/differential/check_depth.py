"""Libraries that failed, and genes too few to fit: told by name, with what to do about it.

A sample takes part through its size factor, which is a median over genes of its counts against
those of the others. Where a sample misses most genes, the median is over those that happened to
be drawn, and the factor comes out too high: each of its genes then seems to have fallen. How much
too high hangs on no depth but on the share of genes that are seen. Simulated, three samples
against three, 20,000 genes (median mean 100 and 1,000) and 200 genes, one sample thinned to 30 %
down to 0.01 % of its reads: where it has 80 % of the genes that all others have the factor is 5 %
too high, at 60 % 15 to 20 %, at 50 % 20 to 33 %, at 33 % 50 to 75 %, and at 4 % it is three to
ten times what it should be. So half of the genes is asked for. A sample of 1 % of the others'
depth just has them, in a deep experiment one of less. Down to 10 % the factor is right within
5 %; below that it is said.
"""

import pandas as pd

# The Poisson error of a sample's depth alone is 10 % here.
FEWEST_FRAGMENTS = 100
# Of the genes that at least half of its line's samples have.
LEAST_SHARE_OF_GENES = 0.5
# With fewer, a change of some of them moves the size factors as much as a change of depth.
FEWEST_GENES = 10
SHALLOW = 0.1


def depth_findings(counts: pd.DataFrame, lines: pd.Series) -> tuple[list[str], list[str]]:
    """Find samples and cell lines that cannot be fitted, and samples with few fragments.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    lines : Series of str
        The cell line of each sample; a sample is held against those of its own line.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    problems, warnings = [], []
    for line, members in lines.groupby(lines, sort=False):
        of_line = counts[members.index]
        failed = list(_failed(of_line, line))
        problems += failed or _too_few_genes(of_line, line)
        warnings += [] if failed else _shallow(of_line, line)
    return problems, warnings


def _failed(counts: pd.DataFrame, line: str) -> list[str]:
    total, seen = counts.sum(), counts > 0
    usual = seen.mean(axis=1) >= 0.5
    share = seen[usual].mean()
    failed = total.index[(total < FEWEST_FRAGMENTS) | (share < LEAST_SHARE_OF_GENES)]
    if len(failed) == len(total):
        return [
            f"{line}: no sample has {FEWEST_FRAGMENTS} fragments in genes"
            f" (the most are {total.max():,}): there is nothing to fit"
        ]
    return [
        f"sample {sample} has {_told(total[sample])}, where the median of {line} is"
        f" {total.median():,.0f}, and misses {_percent(1 - share[sample])} of the genes that its"
        " line's samples have: a failed library, which would spoil the others' fold changes; leave"
        f" it out with 'exclude: [{{sample: {sample}, reason: failed library}}]' in the config"
        for sample in failed
    ]


def _too_few_genes(counts: pd.DataFrame, line: str) -> list[str]:
    genes = int((counts > 0).any(axis=1).sum())
    if genes >= FEWEST_GENES:
        return []
    return [
        f"{line}: {genes} of its genes {'has' if genes == 1 else 'have'} a count; samples are made"
        f" comparable by what most genes do, so at least {FEWEST_GENES} are needed"
    ]


def _shallow(counts: pd.DataFrame, line: str) -> list[str]:
    total = counts.sum()
    share = total / total.median()
    return [
        f"sample {sample} has {_told(total[sample])}, {_percent(share[sample])} of the median of"
        f" {line} ({total.median():,.0f}): with it fewer genes can be found than the replicates"
        " promise; see its quality, and whether to leave it out ('exclude' in the config)"
        for sample in total.index[share < SHALLOW]
    ]


def _told(fragments: int) -> str:
    number = f"{fragments:,}" if fragments else "no"
    return f"{number} fragment{'' if fragments < 2 else 's'} in genes"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"
