"""The settings have an attribute for all that the schema allows, and for nothing else."""

from dataclasses import fields

import pytest

from imid.question.contrasts import Contrast, TwoLevels
from imid.question.quality_settings import Quality
from imid.question.samples import Exclusion
from imid.question.settings import Differential, Reference, Settings
from imid.userfiles.schemas import load_schema

SCHEMA = load_schema("config")["properties"]
DIFFERENTIAL = SCHEMA["differential"]["properties"]
CONTRAST = DIFFERENTIAL["contrasts"]["items"]["properties"]


@pytest.mark.parametrize(
    ("shape", "properties"),
    [
        (Settings, SCHEMA.keys() - {"qc"}),
        (Quality, SCHEMA["qc"]["properties"]),
        (Reference, SCHEMA["reference"]["properties"]),
        (Exclusion, SCHEMA["exclude"]["items"]["properties"]),
        (Differential, DIFFERENTIAL),
        (Contrast, CONTRAST),
        (TwoLevels, CONTRAST["between"]["properties"]),
    ],
)
def test_nothing_that_may_be_set_is_dropped(shape, properties):
    assert {attribute.name for attribute in fields(shape)} == {*properties}


def test_a_reference_tells_what_is_given():
    reference = Reference(index="star", fasta="genome.fa")
    assert reference.given == {"fasta": "genome.fa", "index": "star"}
