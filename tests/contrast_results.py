"""What came of a contrast and of a comparison, made up without a fit."""

from imid.evidence.comparison_words import classes_in_order
from imid.evidence.drug_comparison import DrugComparison
from imid.question.contrast_results import ContrastResult, UpAndDown


def sidecar(
    numerator: str = "pomalidomide", denominator: str = "dmso", **changes
) -> ContrastResult:
    """What a contrast's sidecar tells, but for what is changed."""
    told = {
        "name": f"{numerator}_vs_{denominator}",
        "factor": "treatment",
        "numerator": numerator,
        "denominator": denominator,
        "cell_line": "MM1S",
        "fdr": 0.05,
        "log2_fold_change": 1.0,
        "coefficients": {},
        "excluded": [],
        "genes": {"tested": 300},
        "significant": UpAndDown(up=1, down=2),
    }
    return ContrastResult(**told | changes)


def drug_comparison() -> DrugComparison:
    """What the summary of a comparison tells."""
    drugs = "lenalidomide", "pomalidomide"
    return DrugComparison(
        first=f"{drugs[0]}_vs_dmso",
        second=f"{drugs[1]}_vs_dmso",
        numerators=drugs,
        cell_line="MM1S",
        factor="treatment",
        denominator="dmso",
        under={},
        fdr=0.05,
        log2_fold_change=1.0,
        test="wald",
        classes=dict.fromkeys(classes_in_order(*drugs), 20),
        slope=1.4,
        slope_low=1.2,
        slope_high=1.7,
        scatter=0.2,
        genes=40,
        rule="Significant is a false discovery rate below 0.05.",
        caption="Under pomalidomide the 40 responding genes change 1.40 times as far.",
        excluded=[],
    )
