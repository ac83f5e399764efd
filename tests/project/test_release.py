"""What a release must hold: code of the steps that take hours is known to give what it gives."""

import re

import pytest

from imid.running.equivalent_code import unknown_code
from running import ROOT

REMEDY = """\
The code of the rules {} was edited since it was written down in resources/equivalent_code.yaml.
If it gives the same bytes as that of the last release, show it by two runs of the demo:
    python -m imid.running.equivalent_code RUN_OF_THE_LAST_RELEASE RUN_OF_TODAY
If it does not, samples are aligned anew after the upgrade. Say so in CHANGELOG.md, and:
    python -m imid.running.equivalent_code --anew"""


def is_release(changelog: str) -> bool:
    """Whether all changes belong to a release."""
    return not re.search(r"^## Unreleased\n+[^#\s]|^## Unreleased\n+###", changelog, re.MULTILINE)


@pytest.mark.parametrize(
    ("changelog", "release"),
    [
        ("# Changes\n\n## Unreleased\n\n### Added\n\n- x\n\n## 0.1.0\n", False),
        ("# Changes\n\n## Unreleased\n\n- x\n\n## 0.1.0\n", False),
        ("# Changes\n\n## Unreleased\n\n## 0.2.0\n\n### Added\n", True),
        ("# Changes\n\n## 0.2.0\n\n### Added\n", True),
    ],
)
def test_a_changelog_tells_a_release(changelog, release):
    assert is_release(changelog) == release


def test_an_upgrade_to_a_release_aligns_nothing_that_gives_the_same():
    unknown = unknown_code() if is_release((ROOT / "CHANGELOG.md").read_text()) else []
    assert not unknown, REMEDY.format(", ".join(sorted({rule for rule, _ in unknown})))
