import error_rates
import noise
import numpy as np
import pandas as pd
import pytest

import real_counts


@pytest.fixture
def libraries():
    """Counts of 20 libraries, ten alike, and the noise that is drawn from them."""
    random = np.random.default_rng(1)
    counts = random.negative_binomial(5, 5 / (5 + 200), (300, 20))
    counts = pd.DataFrame(counts, columns=[f"line_{number}" for number in range(20)])
    return counts, [counts.columns[:10].to_numpy(), counts.columns[10:].to_numpy()]


def test_without_a_change_the_counts_are_those_of_libraries_that_are_alike(libraries):
    counts, alike = libraries
    for seed in range(5):
        draw = noise.RealNoise(*libraries)(seed, 3, 300, 0.0)
        taken = {tuple(counts[name]): name for name in counts}
        names = [taken[tuple(column)] for column in draw.counts.to_numpy().T]
        assert len(set(names)) == 6
        assert set(names) <= set(alike[0]) or set(names) <= set(alike[1])
        assert not draw.effects.any()


@pytest.mark.parametrize("source", ["real", "simulated"])
def test_planted_changes_are_those_of_the_counts(libraries, source):
    draws = noise.RealNoise(*libraries) if source == "real" else noise.simulated
    found, planted = [], []
    for seed in range(40):
        counts, samples, effects = draws(seed, 3, 300, 0.5)
        first, second = (counts.loc[:, samples["group"] == group].sum(axis=1) for group in "ab")
        deep = ((first + second) > 500) & (np.abs(effects) < 2)
        found.append(np.log2((second + 0.5) / (first + 0.5))[deep])
        planted.append(effects[deep])
    slope, _ = np.polyfit(np.concatenate(planted), np.concatenate(found), 1)
    assert slope == pytest.approx(1, abs=0.05)


def test_real_noise_is_at_hand_only_where_its_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv(real_counts.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert list(noise.sources()) == ["simulated"]


def test_a_discovery_is_false_where_nothing_was_planted(monkeypatch):
    draw = noise.simulated(1, 3, 400, 0.3)
    monkeypatch.setattr(error_rates, "GENES", 400)
    told = error_rates.found(noise.simulated, 0.3, 1)["wald"]
    assert told.changed == (draw.effects != 0).sum()
    assert told.called > 20
    assert 0 <= told.false < 0.3 * told.called


@pytest.mark.parametrize(
    ("values", "answer"), [([0.05, 0.07], "yes"), ([0.3, 0.3001], "NO"), ([0.0, 0.0], "yes")]
)
def test_a_bound_is_kept_within_chance(values, answer):
    row = error_rates.row("real", "wald", "false share", np.array(values), (0.0, 0.06))
    assert row["kept"] == answer


def test_what_has_no_bound_is_told_as_it_is():
    assert (
        error_rates.row("real", "wald", "power", np.array([0.1, 0.9]), error_rates.ANY)["kept"]
        == ""
    )
