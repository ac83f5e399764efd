"""What the configuration says of the samples' quality, held against the figures there are."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from imid.differential.spike_ins import FEWEST_SPIKE_INS
from imid.inputs.check_config import Config
from imid.inputs.check_reference import Annotation, in_other_style
from imid.question.sample_figures import sample_figures, with_bounds
from imid.question.spike_in_genes import are_spike_ins
from imid.shared.problems import did_you_mean, first_few, quoted
from imid.userfiles.site_files import Stretch

QUALITY = "qc"
PATTERN = (QUALITY, "spike_ins", "pattern")


def quality_problems(config: Config) -> list[str]:
    """Find bounds in the wrong order, figures that shall stop a run but cannot fail, and the like.

    Parameters
    ----------
    config : Config
        As given by `check_config`.

    Returns
    -------
    list of str
        The problems.
    """
    given = config.quality
    problems = []
    figures = with_bounds(sample_figures(), given.bounds)
    for name in given.bounds:
        if fault := figures[name].fault:
            problems.append(f"{config.where((QUALITY, 'bounds', name))}: {fault}")
    for position, name in enumerate(given.stop_on):
        if figures[name].fail is None:
            problems.append(
                f"{config.where((QUALITY, 'stop_on', position))}: nothing says from where on {name}"
                f" fails; set {QUALITY}.bounds.{name}.fail"
            )
    if given.spike_ins and (why := _fault_of_expression(given.spike_ins.pattern)):
        problems.append(f"{config.where(PATTERN)}: {why}")
    return problems


def _fault_of_expression(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{quoted(pattern)} is no regular expression: {error}"
    return None


def spike_in_problems(config: Config, genes: Mapping[str, str]) -> list[str]:
    """Find an expression of spike-ins that fits no genes, too few to compare samples by, or all.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    genes : mapping of str to str
        All genes that are counted, names by id; empty where they are not known yet.

    Returns
    -------
    list of str
        The problems.
    """
    given = config.quality.spike_ins
    if not given or not genes or _fault_of_expression(given.pattern):
        return []
    named = pd.DataFrame({"gene_id": genes.keys(), "gene_name": genes.values()})
    fitting = int(are_spike_ins(named, given.pattern).sum())
    fewest = FEWEST_SPIKE_INS if given.normalize else 1
    told = f"{config.where(PATTERN)}: {quoted(given.pattern)} fits"
    if fitting < fewest:
        told = f"{told} {fitting or 'none'} of the {len(genes):,} genes ({first_few(genes)})"
        why = f" where {QUALITY}.spike_ins.normalize is true" if given.normalize else ""
        return [f"{told}, by id or name; at least {fewest} must be spike-ins{why}"]
    if fitting == len(genes):
        return [f"{told} all of the {fitting:,} genes; it must fit spike-ins alone"]
    return []


def stroma_problems(config: Config, known_lines: Sequence[str]) -> list[str]:
    """Find stroma that is no cell line of the sheet.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    known_lines : sequence of str
        All lines of the sheet: one that is not analysed is no fault.

    Returns
    -------
    list of str
        The problems.
    """
    known = ", ".join(known_lines)
    return [
        f"{config.where((QUALITY, 'stroma', position))}: {quoted(line)} is no cell line of the"
        f" sheet ({known}){did_you_mean(line, known_lines)}"
        for position, line in enumerate(config.quality.stroma)
        if line not in known_lines
    ]


def site_findings(
    sites: Sequence[Stretch], name: str, annotation: Annotation
) -> tuple[list[str], list[str]]:
    """Find sites that lie on other contigs than the genes, where nothing is asked.

    Parameters
    ----------
    sites : sequence of Stretch
        As given by `read_sites`.
    name : str
        What messages call their file.
    annotation : Annotation
        What was seen of the GTF.

    Returns
    -------
    tuple of list of str and list of str
        Problems, where all of them do, and warnings; only what follows even if the GTF was not
        read whole.
    """
    lying = Counter(site.contig for site in sites)
    genes_on = annotation.genes_on
    absent = [contig for contig in lying if contig not in genes_on]
    renamed = in_other_style(absent) & genes_on.keys()
    if not absent or not (annotation.complete or renamed):
        return [], []
    where = f"({first_few(absent)} against {first_few(genes_on)} of {annotation.source})"
    remedy = "take sites of the same assembly, named as there"
    if len(absent) == len(lying):
        none = f"{name}: none of its {len(sites):,} sites is on a contig with genes"
        return [f"{none} {where}; {remedy}"], []
    number = sum(lying[contig] for contig in absent)
    some = f"{name}: {number:,} of its {len(sites):,} sites are on contigs without genes"
    return [], [f"{some} {where}, and are not asked; {remedy}"]
