"""A contrast's sidecar: written, read back, and refused where it is damaged."""

import json
from dataclasses import replace

import pytest

from contrast_results import sidecar
from imid.question.contrast_results import UpAndDown, read_result, write_result
from imid.question.contrasts import TwoLevels
from imid.question.samples import ExcludedSample
from imid.shared.problems import InputError

RESULT = sidecar(
    under={"hours": "24"},
    between=TwoLevels("cell_line", "MM1S_res", "MM1S"),
    coefficients={"Intercept": 0.0, "treatment[T.pomalidomide]": 1 / 3},
    excluded=[ExcludedSample("a", "RNA degraded", "MM1S")],
    genes={"tested": 4, "all_zero": 1},
    significant=UpAndDown(up=2, down=1),
)


@pytest.mark.parametrize("result", [RESULT, replace(RESULT, between=None, under={})])
def test_a_sidecar_is_read_as_it_was_written(tmp_path, result):
    write_result(result, tmp_path / "a.json")
    assert read_result(tmp_path / "a.json") == result


def test_a_sidecar_tells_the_contrast_its_thresholds_and_its_direction(tmp_path):
    write_result(RESULT, tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_text())
    assert list(told) == [
        *["contrast", "cell_line", "factor", "numerator", "denominator", "under", "between"],
        *["fdr", "log2_fold_change", "coefficients", "excluded", "direction", "genes"],
        *["significant", "test", "discoveries", "which_to_trust", "composition"],
    ]
    assert told["contrast"] == "pomalidomide_vs_dmso"
    assert told["between"] == {
        "factor": "cell_line",
        "numerator": "MM1S_res",
        "denominator": "MM1S",
    }
    assert told["direction"].startswith("positive: the log2 fold change of pomalidomide against")


@pytest.mark.parametrize("lost", ["contrast", "factor", "fdr", "excluded", "significant"])
def test_a_sidecar_that_lacks_something_is_refused(tmp_path, lost):
    content = RESULT.to_json()
    del content[lost]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"{path}: .*{'name' if lost == 'contrast' else lost}"):
        read_result(path)
