import numpy as np
import pandas as pd
import pytest

from calibrate import measure, noise, rates
from calibrate.claims import ANY, Measured


@pytest.fixture
def libraries():
    """Counts of 20 libraries, ten alike, and the noise that is drawn from them."""
    random = np.random.default_rng(1)
    counts = random.negative_binomial(5, 5 / (5 + 200), (300, 20))
    counts = pd.DataFrame(counts, columns=[f"line_{number}" for number in range(20)])
    return noise.RealNoise(counts, [[*counts.columns[:10]], [*counts.columns[10:]]])


def test_real_noise_is_that_of_libraries_that_are_alike(libraries):
    names = {tuple(libraries.counts[name]): name for name in libraries.counts}
    for seed in range(5):
        drawn = [names[tuple(column)] for column in libraries(seed, 6, 300).T]
        assert len(set(drawn)) == 6
        assert any(set(drawn) <= set(members) for members in libraries.alike)


def test_libraries_of_too_small_conditions_are_made_alike(libraries):
    """Of 20 libraries half have twice the reads in half of the genes."""
    counts = libraries.counts.copy()
    counts.iloc[:150, 10:] *= 2
    alike = libraries._replace(counts=counts)._made_alike(np.random.default_rng(1))
    first, second = alike.iloc[:, :10].mean(axis=1), alike.iloc[:, 10:].mean(axis=1)
    ratios = np.log2(second / first)
    # But for depth, which the fit takes out.
    assert (ratios - ratios.median()).abs().median() < 0.1
    drawn = libraries._replace(counts=counts)(1, 12, 300)
    assert drawn.shape == (300, 12)


def test_more_libraries_than_there_are_cannot_be_drawn(libraries):
    with pytest.raises(ValueError, match="fewer than 21 libraries"):
        libraries(1, 21, 300)


def test_the_stand_in_has_genes_that_go_together_and_heavy_tails():
    counts = noise.stand_in(3, 60, 800)
    logs = np.log(counts[counts.mean(axis=1) > 100] + 1.0)
    scaled = logs - logs.mean(axis=0)
    scaled = (scaled - scaled.mean(axis=1, keepdims=True)) / scaled.std(axis=1, keepdims=True)
    correlations = np.corrcoef(scaled)[np.triu_indices(len(scaled), 1)]
    assert correlations.std() > 1.15 / np.sqrt(60)
    assert (scaled**4).mean() > 3.2


@pytest.mark.parametrize("source", ["real", "stand-in"])
def test_planted_changes_are_those_of_the_counts(libraries, source):
    draws = libraries if source == "real" else noise.stand_in
    found, planted = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        effects = noise.drawn_effects(random, 300, 0.5)
        counts = noise.thinned(draws(seed, 6, 300), np.outer(effects, [0, 0, 0, 1, 1, 1]), random)
        first, second = counts[:, :3].sum(axis=1), counts[:, 3:].sum(axis=1)
        deep = ((first + second) > 500) & (np.abs(effects) < 2)
        found.append(np.log2((second + 0.5) / (first + 0.5))[deep])
        planted.append(effects[deep])
    slope, _ = np.polyfit(np.concatenate(planted), np.concatenate(found), 1)
    assert slope == pytest.approx(1, abs=0.05)


def test_real_noise_is_at_hand_only_where_its_folder_is_named(monkeypatch, tmp_path, libraries):
    monkeypatch.delenv(noise.VARIABLE, raising=False)
    assert [*noise.sources()] == [noise.STAND_IN]
    libraries.counts.to_csv(tmp_path / "mine.counts.tsv", sep="\t")
    kinds = pd.DataFrame({"sex": ["f"] * 10 + ["m"] * 10}, libraries.counts.columns)
    kinds.to_csv(tmp_path / "mine.samples.tsv", sep="\t")
    monkeypatch.setenv(noise.VARIABLE, str(tmp_path))
    assert [*noise.sources()] == [noise.STAND_IN, "mine"]
    assert noise.sources()["mine"].alike == libraries.alike


def test_a_discovery_is_false_where_nothing_was_planted(monkeypatch):
    monkeypatch.setattr(rates, "GENES", 400)
    _, effects = rates.drawn(noise.stand_in, 0.3, 1)
    called, false, changed = rates.found(noise.stand_in, 0.3, 1)["wald"]
    assert changed == (effects != 0).sum()
    assert called > 20
    assert 0 <= false < 0.3 * called


@pytest.mark.parametrize(
    ("values", "answer"), [([0.05, 0.07], "yes"), ([0.3, 0.3001], "NO"), ([0.0, 0.0], "yes")]
)
def test_a_bound_is_kept_within_chance(values, answer):
    row = Measured("real", "wald", "false share", np.array(values), (0.0, 0.06)).row()
    assert row["kept"] == answer


def test_what_has_no_bound_is_told_as_it_is():
    row = Measured("real", "wald", "power", np.array([0.1, 0.9]), ANY).row()
    assert row["kept"] == ""
    assert row["low"] is None


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["slopes", "lines", "published", "sets", "agreement"])
def test_a_claim_is_measured_and_a_bound_that_is_not_kept_ends_with_an_error(
    monkeypatch, tmp_path, claim
):
    monkeypatch.delenv(noise.VARIABLE, raising=False)
    module = measure.CLAIMS[claim]
    monkeypatch.setattr(module, "GENES", 600)
    found = [*module.measured(noise.STAND_IN, 2, SimplePool())]
    assert all(np.isfinite(each.values).all() for each in found)
    impossible = [each._replace(bounds=(2.0, 3.0), values=np.zeros(2)) for each in found]
    monkeypatch.setattr(module, "measured", lambda *_: impossible)
    with pytest.raises(SystemExit, match="Some bounds are not kept"):
        measure.main(["--claims", claim, "--output", str(tmp_path / "table.tsv")])
    assert "NO" in (tmp_path / "table.tsv").read_text()


class SimplePool:
    """Stands for a pool of processes, in which a changed number of genes would not be known."""

    def map(self, function, values, chunksize=1):
        return map(function, values)
