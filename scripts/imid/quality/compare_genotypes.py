"""Compare the genotypes of all samples: who sits with another line, what is one library twice."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import pandas as pd

from imid.quality.genotype_counts import GenotypeCounts, read_genotype_counts
from imid.quality.genotypes import call, find_sites
from imid.quality.kinship import (
    LEAST_SITES,
    Pair,
    Placement,
    compare_calls,
    group,
    place_samples,
)
from imid.quality.measured_sample import MeasuredSample
from imid.quality.one_library import LEAST_ENDS, shared_fragments
from imid.shared.json_files import write_json
from imid.shared.problems import InputError, reported
from imid.shared.tables import GENOTYPES, write_table

T = TypeVar("T")
Pairs = Mapping[tuple[int, int], Pair]
Shares = Mapping[tuple[int, int], float | None]


@dataclass(frozen=True)
class Identities:
    """All samples held against each other.

    Attributes
    ----------
    samples, lines : list of str
        Their names, and the lines that the sheet says they are of.
    pairs : mapping of (int, int) to Pair
        By the rows of two samples.
    shared : mapping of (int, int) to float or None
        The share of common fragments.
    placed : list of Placement
        With whom each sits.
    left_out : mapping of str to int
        Sites that were left out, by the reason.
    """

    samples: Sequence[str]
    lines: Sequence[str]
    pairs: Pairs
    shared: Shares
    placed: Sequence[Placement]
    left_out: Mapping[str, int]

    @cached_property
    def partners(self) -> list[dict[int, Pair]]:
        """For each sample all others, with what the two have in common."""
        return _by_sample(self.pairs, len(self.samples))

    @cached_property
    def sharing(self) -> list[dict[int, float | None]]:
        """For each sample all others, with the share of common fragments."""
        return _by_sample(self.shared, len(self.samples))


def _by_sample(pairs: Mapping[tuple[int, int], T], samples: int) -> list[dict[int, T]]:
    found: list[dict[int, T]] = [{} for _ in range(samples)]
    for (one, other), value in pairs.items():
        found[one][other] = found[other][one] = value
    return found


def identify(counted: Sequence[GenotypeCounts], lines: Sequence[str]) -> Identities:
    """Hold samples against each other.

    Parameters
    ----------
    counted : sequence of GenotypeCounts
        Of all samples.
    lines : sequence of str
        Of each.

    Returns
    -------
    Identities
    """
    sites = find_sites(counted)
    pairs = compare_calls(call(sites.reference, sites.other))
    shared = {
        (one, other): shared_fragments(counted[one].fragment_ends, counted[other].fragment_ends)
        for one, other in combinations(range(len(counted)), 2)
    }
    placed = place_samples(lines, group(len(counted), pairs).tolist())
    return Identities([c.sample for c in counted], lines, pairs, shared, placed, sites.left_out)


def as_table(found: Identities) -> pd.DataFrame:
    """Tabulate all pairs of samples, each sample with each other one: a matrix, cell by cell."""
    rows = [
        {
            "sample": found.samples[a],
            "cell_line": found.lines[a],
            "other": found.samples[b],
            "other_cell_line": found.lines[b],
            "sites": pair.sites,
            "concordance": pair.concordance,
            "verdict": pair.verdict,
            "shared_fragments": found.shared[one, other],
        }
        for (one, other), pair in found.pairs.items()
        for a, b in [(one, other), (other, one)]
    ]
    table = pd.DataFrame(rows, columns=GENOTYPES)
    order = {sample: row for row, sample in enumerate(found.samples)}
    return table.sort_values(["sample", "other"], key=lambda names: names.map(order))


def measured_identity(found: Identities, row: int) -> MeasuredSample:
    """Say of one sample what the comparison shows.

    Parameters
    ----------
    found : Identities
    row : int
        Which of the samples.

    Returns
    -------
    MeasuredSample
    """
    figures: dict[str, float] = {}
    notes: dict[str, str] = {}
    warnings: list[str] = []
    partners = found.partners[row]
    sites = max((pair.sites for pair in partners.values()), default=0)
    figures["genotype_sites"] = float(sites)
    figures["edited_sites"] = float(found.left_out["as edited RNA"])
    for name, own in [("own_line_concordance", True), ("other_line_concordance", False)]:
        nearest = _most_alike(found, row, partners, own)
        if nearest:
            figures[name] = partners[nearest[0]].concordance
            notes[name] = _named(found, nearest[0])
        else:
            notes[name] = _why_no_genotypes(partners, own)
    placement = found.placed[row]
    if placement.home is None:
        notes["of_another_line"] = _why_no_genotypes(partners, own=None)
    else:
        figures["of_another_line"] = float(not placement.home)
        if words := _words(found, row, placement, partners):
            notes["of_another_line"] = words
            # What makes a sample fail is told with that.
            warnings += [words] if placement.home else []
    _add_shared(found, row, figures, notes)
    return MeasuredSample(
        sample=found.samples[row], figures=figures, notes=notes, warnings=warnings
    )


def _named(found: Identities, other: int) -> str:
    return f"with {found.samples[other]} of {found.lines[other]}"


def _most_alike(found: Identities, row: int, partners: Mapping[int, Pair], own: bool) -> list[int]:
    """Find the sample in the middle of the own line, or of that other line which is most alike.

    A single sample that sits with the wrong line makes neither line look like the other: of two in
    the middle that counts which speaks for the sheet.
    """
    of_lines: dict[str, list[int]] = {}
    for other, pair in partners.items():
        line = found.lines[other]
        if pair.sites >= LEAST_SITES and (line == found.lines[row]) == own:
            of_lines.setdefault(line, []).append(other)

    def concordance(other: int) -> float:
        return partners[other].concordance

    middles = [
        sorted(members, key=concordance)[(len(members) - (not own)) // 2]
        for members in of_lines.values()
    ]
    return [max(middles, key=concordance)] if middles else []


def _why_no_genotypes(partners: Mapping[int, Pair], own: bool | None) -> str:
    if not partners:
        return "there is no other sample"
    sites = max(pair.sites for pair in partners.values())
    if sites >= LEAST_SITES and own is not None:
        whom = "its own line" if own else "another line"
        return f"no sample of {whom} has {LEAST_SITES} sites in common with it"
    return (
        f"cannot tell: {sites} {'site' if sites == 1 else 'sites'}, and {LEAST_SITES} are needed at"
        " which one of two samples differs from the reference and both are read ten times"
    )


def _words(found: Identities, row: int, placement: Placement, partners: Mapping[int, Pair]) -> str:
    """Say with whom a sample sits."""
    line = found.lines[row]
    if placement.home:
        if not placement.alike:
            return ""
        return (
            f"{line} cannot be told apart from {_spoken(placement.alike)}: one is derived from the"
            " other, as a resistant line is from its parent, or all samples of one are the other's;"
            " a swap between them is not seen"
        )
    if placement.undecided:
        return (
            f"the samples of {line} are of two lines, and as many of one as of the other: which of"
            " them are swapped is not to be told by genotypes"
        )
    if placement.lines:
        return f"sits with {_spoken(placement.lines)}, not with {line}: a swapped label, or cells"
    nearest = _most_alike(found, row, partners, own=False)
    near = [
        f"; the nearest is {found.samples[other]} of {found.lines[other]}, which agrees at"
        f" {partners[other].concordance:.0%} of the sites"
        for other in nearest
    ]
    return (
        f"sits neither with {line} nor with another line of the sheet: other cells, or mixed"
        f" ones{''.join(near)}"
    )


def _spoken(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _add_shared(
    found: Identities, row: int, figures: dict[str, float], notes: dict[str, str]
) -> None:
    sharing = found.sharing[row].items()
    shares = {other: share for other, share in sharing if share is not None}
    if not shares:
        notes["shared_fragments"] = (
            f"fewer than {LEAST_ENDS} fragments with two ends are known of it, or of the others"
        )
        return
    other = max(shares, key=lambda name: shares[name])
    figures["shared_fragments"] = shares[other]
    notes["shared_fragments"] = _named(found, other)


def main(argv: list[str] | None = None) -> None:
    """Write the matrix, and for each sample what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--genotypes", nargs="+", type=Path, required=True, help="of all samples")
    parser.add_argument("--lines", nargs="+", required=True, help="of these samples")
    parser.add_argument("--table", type=Path, required=True, help="matrix of samples, to write")
    parser.add_argument("--outputs", nargs="+", type=Path, required=True, help="of each, to write")
    arguments = parser.parse_args(argv)
    if len({*map(len, (arguments.genotypes, arguments.lines, arguments.outputs))}) > 1:
        raise InputError(["genotypes, lines and outputs must be as many as there are samples"])

    found = identify([*map(read_genotype_counts, arguments.genotypes)], arguments.lines)
    write_table(as_table(found), arguments.table)
    for row, output in enumerate(arguments.outputs):
        write_json(measured_identity(found, row), output)


if __name__ == "__main__":
    reported(main)
