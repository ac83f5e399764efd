"""All files that the present question makes: what is not among them is of another one."""

from imid.figures import catalogue
from imid.question.experiment import Experiment
from imid.question.plan import Plan
from imid.reads.read_plan import REFERENCE, ReadPlan

# What is made of all results together, when the others are there.
AT_THE_END = ["results/provenance.json", "results/report.html", "results/qc/resources.tsv"]


def planned_files(experiment: Experiment) -> list[str]:
    """Name every file, or folder, that a whole run of an experiment makes in ``results/``.

    Parameters
    ----------
    experiment : Experiment
        Checked.

    Returns
    -------
    list of str
        Relative to the working directory. The records of the jobs are not among them.
    """
    plan = Plan(experiment)
    figures = catalogue.files(plan)
    return [
        *AT_THE_END,
        *_of_reference(experiment, plan),
        *plan.results_of_reads(),
        *plan.results_of_quality(),
        *plan.results_of_tracks(),
        *plan.results_of_fits(),
        *plan.files_between(),
        *figures,
        *(figure.replace(".svg", ".png") for figure in figures),
    ]


def _of_reference(experiment: Experiment, plan: Plan) -> list[str]:
    checksums = f"{REFERENCE}/inputs.sha256"
    if plan.from_reads:
        return [*ReadPlan(experiment).reference_files(), checksums]
    annotated = experiment.settings.reference.gtf
    genes = ["genes.tsv", "genes.warnings.tsv", *(["annotated_genes.tsv"] if annotated else [])]
    return [*(f"{REFERENCE}/{name}" for name in genes), checksums]
