"""The drawing of the flow in scripts/README.md."""

import pytest

import draw_rooms
from running import copy_experiment

pytestmark = pytest.mark.workflow


def test_the_drawing_of_the_flow_is_that_of_the_workflow(synthetic, tmp_path):
    """Where it is not: make drawing, before any run, for what is finished is no more to be done."""
    text = draw_rooms.DRAWING.read_text()
    experiment = copy_experiment(synthetic, tmp_path / "experiment")
    assert draw_rooms.hung(text, "flow", draw_rooms.drawn_flow(experiment)) == text
