"""Gene sets scored in a ranking, by the engine of gseapy.

The engine is one compiled module. The package around it draws and asks web services as well, and
takes more than a second to import; so the module is loaded by itself. It is gseapy's port of
fgsea's multilevel sampling.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import NamedTuple

import numpy as np

# As gseapy and fgsea have them: each gene's statistic counts as it is, so many random sets of a
# size give the mean score, so many are kept at a level, and no smaller p-value is estimated.
WEIGHT = 1.0
PERMUTATIONS = 1000
SAMPLE_SIZE = 101
SMALLEST = 1e-50
SEED = 1


class Score(NamedTuple):
    """What a ranking says of a gene set.

    Attributes
    ----------
    enrichment_score, normalized_enrichment_score : float
        The largest deviation of the running sum, and the same in units of that of random sets.
    p_value : float
    leading_edge : list of int
        Ranks, from 0, of the set's genes up to that deviation, those at the end of the ranking
        first.
    """

    enrichment_score: float
    normalized_enrichment_score: float
    p_value: float
    leading_edge: list[int]


@cache
def engine() -> ModuleType:
    """Load the compiled module of gseapy without the package around it."""
    package = find_spec("gseapy")
    spec = package and PathFinder.find_spec("gseapy.gse", package.submodule_search_locations)
    if not spec or not spec.loader:
        raise ModuleNotFoundError("gseapy's engine, its module gse, is not there")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def preranked(statistics: Sequence[float], sets: Mapping[str, Sequence[int]]) -> dict[str, Score]:
    """Score gene sets in a ranking.

    Parameters
    ----------
    statistics : sequence of float, length genes
        The largest first.
    sets : mapping of str to sequence of int
        The ranks, from 0, of each set's genes: at least one and not all of them.

    Returns
    -------
    dict of str to Score
        By set.
    """
    scored = engine().fgsea_rs(
        [str(rank) for rank in range(len(statistics))],
        list(statistics),
        {name: [str(rank) for rank in ranks] for name, ranks in sets.items()},
        WEIGHT,
        *(1, len(statistics)),  # the fewest and the most genes of a set
        SAMPLE_SIZE,
        PERMUTATIONS,
        SMALLEST,
        1,  # thread
        SEED,
    )
    return {
        one.term: Score(one.es, one.nes, one.pval, _leading_edge(one.es, one.hits, one.run_es))
        for one in scored.summaries
    }


def running_sum(statistics: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Give the running sum of a set at each of its genes.

    At a gene of the set it rises by the gene's share of the set's absolute statistics, at any
    other it falls by one over their number.

    Parameters
    ----------
    statistics : ndarray, genes
        The largest first.
    ranks : ndarray
        The ranks, from 0, of the set's genes, ascending.

    Returns
    -------
    ndarray
        Just after each of these genes.
    """
    sizes = np.abs(statistics[ranks])
    # Where all statistics of a set are 0, each of its genes counts alike.
    shares = sizes / sizes.sum() if sizes.sum() else np.full(len(ranks), 1 / len(ranks))
    others = ranks - np.arange(len(ranks))
    return np.cumsum(shares) - others / (len(statistics) - len(ranks))


def _leading_edge(score: float, hits: list[int], running: list[float]) -> list[int]:
    """List the hits up to the place at which the running sum is furthest from zero."""
    if score >= 0:
        furthest = running.index(max(running))
        return [hit for hit in hits if hit <= furthest]
    furthest = running.index(min(running))
    return [hit for hit in reversed(hits) if hit >= furthest]
