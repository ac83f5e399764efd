import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from imid.evidence.preranked import SEED, preranked

GENES = 400


@pytest.fixture(scope="module")
def ranking():
    random = np.random.default_rng(7)
    statistics = np.sort(random.normal(0, 2, GENES))[::-1]
    sets = {
        f"SET{number}": random.choice(GENES, size, replace=False).tolist()
        for number, size in enumerate(random.integers(3, 80, 40))
    }
    return statistics, sets | {"UP": [*range(15)], "DOWN": [*range(GENES - 15, GENES)]}


def test_scores_are_those_of_gseapy_as_a_whole(ranking):
    import gseapy

    statistics, sets = ranking
    names = [f"gene{rank}" for rank in range(GENES)]
    whole = gseapy.prerank(
        pd.Series(statistics, index=names),
        {name: [names[rank] for rank in ranks] for name, ranks in sets.items()},
        ascending=None,
        min_size=1,
        max_size=GENES,
        method="multilevel",
        threads=1,
        seed=SEED,
        no_plot=True,
    ).res2d.set_index("Term")

    found = preranked(statistics.tolist(), sets)

    assert found.keys() == sets.keys()
    for name, score in found.items():
        assert score.enrichment_score == whole.loc[name, "ES"]
        assert score.normalized_enrichment_score == whole.loc[name, "NES"]
        assert score.p_value == whole.loc[name, "NOM p-val"]
        edge = ";".join(names[rank] for rank in score.leading_edge)
        assert edge == whole.loc[name, "Lead_genes"]


def test_neither_plots_nor_web_services_are_imported():
    code = "import sys; from imid.evidence.preranked import engine; engine(); print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "requests", "scipy", "pandas"} & set(loaded)
