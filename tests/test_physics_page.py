"""Figures of docs/physics.md are those of today's model."""

import pytest

from tests import physics_page


def test_every_figure_that_a_command_renews_has_its_sentence_in_the_page() -> None:
    text = physics_page.PAGE.read_text(encoding="utf-8")
    for figures in physics_page.FIGURES:
        assert figures.pattern.search(text), figures.words


def test_a_number_keeps_the_digits_and_the_sign_of_the_page() -> None:
    assert physics_page.shown(2.66, "-2.0") == "+2.7"
    assert physics_page.shown(2.66, "2.0") == "2.7"
    assert physics_page.shown(14.3, "+12") == "+14"
    assert physics_page.shown(-14.3, "+12") == "-14"


@pytest.mark.slow
def test_the_figures_of_the_page_are_todays() -> None:
    """`python -m tests.physics_page --renew` writes them."""
    assert not physics_page.stale(physics_page.PAGE.read_text(encoding="utf-8"))
