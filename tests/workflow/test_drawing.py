"""The drawing of the flow in scripts/README.md."""

import pytest

import draw_rooms

pytestmark = pytest.mark.workflow


def test_the_drawing_of_the_flow_is_that_of_the_workflow(synthetic):
    """Where it is not: make drawing."""
    text = draw_rooms.DRAWING.read_text()
    assert draw_rooms.hung(text, "flow", draw_rooms.drawn_flow(synthetic)) == text
