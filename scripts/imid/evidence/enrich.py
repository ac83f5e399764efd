"""Gene sets in a contrast: tested over the replicates, and in a ranking as GSEA has it.

A set's own p-value is that of a score of each sample, tested over the replicates (`set_scores`):
among real replicates between which nothing differs it is as seldom small as it says. Beside it
stand the scores and p-values of preranked enrichment. Tested genes are ranked by the statistic of
the test that decides: Wald's, or the signed root of the quasi-likelihood F as a normal deviate.
Where several have the same symbol, the one with the largest absolute statistic stands for it; a
gene without a symbol goes by its id. Those p-values are of fgsea's multilevel sampling
(Korotkevich and others, bioRxiv 060012), with which the smallest are estimated and none is 0. They
hold a set against sets of as many random genes: genes that vary together whatever the treatment
make them too small.
"""

import argparse
import csv
import io
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from imid.evidence.preranked import preranked, running_sum
from imid.evidence.set_scores import Replicates, read_replicates, score_samples, set_changes
from imid.question.contrast_results import read_contrast
from imid.question.target_genes import find_genes, panel_genes, without_version
from imid.shared.files import written
from imid.shared.gene_labels import gene_labels
from imid.shared.problems import InputError, reported
from imid.shared.significance import benjamini_hochberg
from imid.shared.tables import ENRICHMENT, GENE, RUNNING_SUMS, read_table, write_table
from imid.userfiles.check_table import read_user_table
from imid.userfiles.gene_sets import read_gene_sets

PANEL = "target_panel"  # the collection of the panel's groups

# So many genes of a set must be ranked. The panel's groups are few and small, and asked for.
FEWEST = 5
FEWEST_OF_PANEL = 3

# Sets that are tested at a time: the engine keeps the running sum over all genes of each.
BATCH = 200

SCORES = ["enrichment_score", "normalized_enrichment_score", "preranked_p_value", "leading_edge"]

# Sets whose running sums are shown.
LEADING = 6


def rank_genes(table: pd.DataFrame) -> pd.DataFrame:
    """Rank the tested genes of a contrast.

    Parameters
    ----------
    table : DataFrame
        A contrast table, as the test that decides has it.

    Returns
    -------
    DataFrame
        gene_id, label and stat, the largest statistic first, equal ones by gene_id. Each label,
        the gene's symbol or else its id, is there once.
    """
    tested = table[table["status"] == "tested"]
    genes = tested.assign(
        label=gene_labels(tested), size=-tested["stat"].abs(), low=-tested["stat"]
    )
    genes = genes.sort_values(["size", "gene_id"]).drop_duplicates("label")
    genes = genes.sort_values(["low", "gene_id"], ignore_index=True)
    return genes[["gene_id", "label", "stat"]]


def match_sets(
    sets: dict[str, list[str]], ranking: pd.DataFrame
) -> tuple[str, dict[str, list[str]]]:
    """Find the genes of a collection's sets by symbol or by id, by which more are found.

    Parameters
    ----------
    sets : dict
        The genes of each set.
    ranking : DataFrame
        As given by `rank_genes`.

    Returns
    -------
    str
        ``gene_name`` or ``gene_id``. Ids are compared without the version of Ensembl.
    dict
        The gene_id of those genes of each set that are ranked.
    """
    wanted = {gene for genes in sets.values() for gene in genes}
    by_name = dict(zip(ranking["label"], ranking["gene_id"], strict=True))
    by_id = dict(zip(ranking["gene_id"].map(without_version), ranking["gene_id"], strict=True))
    ids = {gene: by_id.get(without_version(gene)) for gene in wanted}
    lookups = {
        "gene_name": {gene: by_name[gene] for gene in wanted & by_name.keys()},
        "gene_id": {gene: gene_id for gene, gene_id in ids.items() if gene_id},
    }
    matched_by = max(lookups, key=lambda kind: len(lookups[kind]))
    lookup = lookups[matched_by]
    return matched_by, {
        name: list(dict.fromkeys(lookup[gene] for gene in genes if gene in lookup))
        for name, genes in sets.items()
    }


def panel_sets(panel: pd.DataFrame, genes: pd.DataFrame) -> dict[str, list[str]]:
    """Give the panel's groups as gene sets.

    Parameters
    ----------
    panel : DataFrame
        The target panel.
    genes : DataFrame
        gene_id and gene_name of all annotated genes.

    Returns
    -------
    dict
        By group the annotation's gene_id of each of its genes, or the panel's where it has none.
    """
    targets = panel_genes(panel)
    ids = find_genes(targets, genes)["found"].fillna(targets["gene_id"])
    return {
        group: ids[rows].tolist()
        for group, rows in targets.groupby("group", sort=False).groups.items()
    }


def score_sets(sets: dict[str, list[str]], ranking: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Say for each set whether its genes stand together at either end of a ranking.

    Parameters
    ----------
    sets : dict
        The ranked genes of each set, by id.
    ranking : DataFrame
        As given by `rank_genes`.
    fewest : int
        Sets of fewer ranked genes are not tested.

    Returns
    -------
    DataFrame
        found, the enrichment scores, preranked_p_value and preranked_fdr (Benjamini and Hochberg,
        over these sets), leading_edge (the genes up to the largest deviation of the running sum,
        those at the end of the ranking first, as `joined`) and reason, by set.
    """
    found = pd.Series({name: len(genes) for name, genes in sets.items()}, dtype=int)
    rows = found.to_frame("found").assign(reason=None)
    rows.loc[found == len(ranking), "reason"] = "all ranked genes are in it"
    rows.loc[found < fewest, "reason"] = f"fewer than {fewest} of its genes are ranked"
    testable = {name: sets[name] for name in sorted(found.index[rows["reason"].isna()])}
    return rows.join(_enrichment_scores(testable, ranking))


def _enrichment_scores(sets: dict[str, list[str]], ranking: pd.DataFrame) -> pd.DataFrame:
    if not sets:
        return pd.DataFrame(columns=[*SCORES, "preranked_fdr"])
    ranks = {gene_id: rank for rank, gene_id in enumerate(ranking["gene_id"])}
    ranked = {name: [ranks[gene_id] for gene_id in genes] for name, genes in sets.items()}
    batches = [dict(islice(ranked.items(), i, i + BATCH)) for i in range(0, len(ranked), BATCH)]
    statistics = ranking["stat"].tolist()
    scores = {
        name: score for batch in batches for name, score in preranked(statistics, batch).items()
    }
    results = pd.DataFrame.from_dict(scores, orient="index", columns=SCORES)
    labels = ranking["label"].tolist()
    edges = [joined(labels[rank] for rank in places) for places in results["leading_edge"]]
    rates = benjamini_hochberg(results["preranked_p_value"].to_numpy(float))
    return results.assign(leading_edge=edges, preranked_fdr=rates)


def over_replicates(
    sets: dict[str, list[str]], replicates: Replicates, contrast: np.ndarray
) -> pd.DataFrame:
    """Test for each set whether its score of the samples changed.

    Parameters
    ----------
    sets : dict
        The ranked genes of each set, by id; those that are tested.
    replicates : Replicates
    contrast : ndarray, coefficients

    Returns
    -------
    DataFrame
        log2_change, log2_change_se, p_value and fdr (Benjamini and Hochberg, over these sets).
    """
    equal = {name: pd.Series(1.0, index=genes) for name, genes in sets.items()}
    tests = set_changes(score_samples(replicates, equal), contrast)
    return tests.assign(fdr=benjamini_hochberg(tests["p_value"].to_numpy(float)))


def joined(labels: Iterable[str]) -> str:
    """Join labels with semicolons; one that holds some is quoted, as in a CSV."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="").writerow(labels)
    return line.getvalue()


def enrich(
    table: pd.DataFrame,
    panel: pd.DataFrame,
    collections: dict[str, dict[str, list[str]]],
    replicates: Replicates,
    contrast: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test the panel's groups and collections of gene sets in a contrast.

    Parameters
    ----------
    table : DataFrame
        A contrast table, as the test that decides has it.
    panel : DataFrame
        The target panel.
    collections : dict
        By the name of each collection its sets.
    replicates : Replicates
    contrast : ndarray, coefficients

    Returns
    -------
    DataFrame
        A row for each set in the columns of the enrichment table but ``direction``; in each
        collection the smallest p-value first, and last those that were not tested.
    DataFrame
        The running sums of the sets that lead.
    """
    ranking = rank_genes(table)
    blocks, members = [], {}
    for collection, sets in {PANEL: panel_sets(panel, table[GENE]), **collections}.items():
        matched_by, matched = match_sets(sets, ranking)
        fewest = FEWEST_OF_PANEL if collection == PANEL else FEWEST
        block = score_sets(matched, ranking, fewest).rename_axis("gene_set")
        block["size"] = [len(sets[name]) for name in block.index]
        testable = {name: matched[name] for name in block.index[block["reason"].isna()]}
        block = block.join(over_replicates(testable, replicates, contrast))
        block = block.assign(collection=collection, matched_by=matched_by)
        blocks.append(block.reset_index().sort_values(["p_value", "gene_set"]))
        members |= {(collection, name): genes for name, genes in testable.items()}
    rows = pd.concat(blocks)
    return rows, running_sums(leading_sets(rows), members, ranking)


def leading_sets(rows: pd.DataFrame) -> pd.DataFrame:
    """Choose the sets whose running sums are shown: of a user's collections, where there are any.

    Parameters
    ----------
    rows : DataFrame
        As `enrich` gives them.

    Returns
    -------
    DataFrame
        The rows with the smallest p-values.
    """
    given = rows[rows["collection"] != PANEL]
    tested = (given if len(given) else rows).dropna(subset="p_value")
    return tested.sort_values(["p_value", "collection", "gene_set"]).head(LEADING)


def running_sums(
    chosen: pd.DataFrame, members: dict[tuple[str, str], list[str]], ranking: pd.DataFrame
) -> pd.DataFrame:
    """Give the running sums of some sets.

    Parameters
    ----------
    chosen : DataFrame
        Their rows of the enrichment table.
    members : dict
        The ranked genes, by collection and set.
    ranking : DataFrame
        As given by `rank_genes`.

    Returns
    -------
    DataFrame
        The columns of `RUNNING_SUMS`, a row for each gene of each set, those of the top first.
    """
    places = pd.Series(ranking.index, index=ranking["gene_id"])
    statistics = ranking["stat"].to_numpy()
    blocks = [pd.DataFrame(columns=RUNNING_SUMS)]
    for row in chosen.itertuples():
        ranks = np.sort(places[members[row.collection, row.gene_set]].to_numpy())
        block = ranking.iloc[ranks][["label", "stat"]].rename(columns={"label": "gene"})
        blocks.append(
            block.assign(
                **{"collection": row.collection, "gene_set": row.gene_set, "p_value": row.p_value},
                ranked=len(ranking),
                rank=ranks + 1,
                running_sum=running_sum(statistics, ranks),
            )[RUNNING_SUMS]
        )
    return pd.concat(blocks[1:] or blocks)


def collections_of(arguments: list[str]) -> dict[str, dict[str, list[str]]]:
    """Read the collections named on the command line, ``name=file.gmt`` each.

    Raises
    ------
    InputError
        If a file or a name cannot be used; tells all problems.
    """
    collections, problems = {}, []
    for argument in arguments:
        name, _, path = argument.partition("=")
        if not path or name in (PANEL, *collections):
            problems.append(
                f"gene sets '{argument}': name=file.gmt is needed, each name once"
                f" and none of them {PANEL}"
            )
            continue
        try:
            collections[name] = read_gene_sets(Path(path), path)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return collections


def main(argv: list[str] | None = None) -> None:
    """Write the enrichment table, the running sums and the ranked list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contrast", type=Path, required=True, help="its table")
    parser.add_argument("--sidecar", type=Path, required=True, help="the contrast's")
    parser.add_argument("--vst", type=Path, required=True, help="transformed counts of the fit")
    parser.add_argument("--design", type=Path, required=True, help="its design matrix")
    parser.add_argument("--panel", type=Path, required=True, help="target panel")
    parser.add_argument("--gene-sets", nargs="*", default=[], help="name=file.gmt")
    parser.add_argument("--table", type=Path, required=True, help="to write: a row for each set")
    parser.add_argument("--ranks", type=Path, required=True, help="to write: .rnk for GSEA")
    parser.add_argument("--running", type=Path, required=True, help="to write: running sums")
    arguments = parser.parse_args(argv)

    collections = collections_of(arguments.gene_sets)
    table, result = read_contrast(arguments.contrast, arguments.sidecar)
    panel = read_user_table(arguments.panel, str(arguments.panel)).rows
    replicates = read_replicates(read_table(arguments.vst), arguments.design)
    contrast = replicates.contrast(result)
    rows, running = enrich(table, panel, collections, replicates, contrast)
    write_table(rows.assign(direction=result.direction)[ENRICHMENT], arguments.table)
    write_table(running, arguments.running)
    with written(arguments.ranks) as temporary:
        ranks = rank_genes(table)[["label", "stat"]]
        plain = {"index": False, "header": False, "quoting": csv.QUOTE_NONE}
        ranks.to_csv(temporary, sep="\t", float_format="%.10g", **plain)


if __name__ == "__main__":
    reported(main)
