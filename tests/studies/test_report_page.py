"""The main study's page in a real browser: short, foldable, never wider than the window, printable as a whole."""

import re
from collections.abc import Iterator
from pathlib import Path

import browser as chromium
import pytest
from first_screen import MOST_NUMBERS, MOST_WORDS, counted

from tests.golden.reports import HOSTILE

SCREEN = 800


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    with chromium.started(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.mark.parametrize("width", [420, 1280, 1920])
def test_the_page_is_at_most_twelve_screens_long_and_no_wider_than_the_window(
    window: chromium.Browser, finished, width: int
) -> None:
    folder: Path = finished[0]
    with chromium.opened(window, (folder / "report.html").as_uri(), width=width, height=SCREEN) as tab:
        assert tab.run("document.documentElement.scrollHeight") <= 12 * SCREEN
        assert tab.run("document.documentElement.scrollWidth") <= width
        assert tab.complaints() == []
        assert all(address.startswith(("file:", "data:")) for address in tab.requests())


def test_the_first_screen_holds_the_answer_in_at_most_120_words_and_40_numbers(
    window: chromium.Browser, finished
) -> None:
    brief = finished[1].brief
    with chromium.opened(window, (finished[0] / "report.html").as_uri(), width=1280, height=SCREEN) as tab:
        text = tab.run("document.querySelector('#brief').innerText")
        end = tab.run("document.querySelector('#brief').getBoundingClientRect().bottom")
    assert all(words in text for words in (brief.verdict.upper(), brief.table.title, brief.figures[1].title))
    words, numbers = counted(text.replace(HOSTILE, ""))
    assert words <= MOST_WORDS
    assert numbers <= MOST_NUMBERS
    assert end <= SCREEN + 40  # the title of this test's lander wants to be a script, and takes a second line
    assert 5 <= len(brief.table.rows) <= 8


def test_a_link_of_the_contents_opens_its_chapter_and_the_contents_stay_in_view(
    window: chromium.Browser, finished
) -> None:
    with chromium.opened(window, (finished[0] / "report.html").as_uri(), width=1280, height=SCREEN) as tab:
        assert not tab.run("document.querySelector('#s2').checkVisibility()")
        tab.run("document.querySelector('nav a[href=\"#s2\"]').click()")
        tab.until("document.querySelector('#s2').closest('details').open")
        tab.run("scrollTo(0, document.documentElement.scrollHeight)")
        # a page may be scrolled to a fraction of a pixel
        assert abs(tab.run("document.querySelector('nav').getBoundingClientRect().top")) < 1.0


def test_no_table_of_up_to_ten_columns_is_wider_than_its_text_at_1280(
    window: chromium.Browser, finished
) -> None:
    with chromium.opened(window, (finished[0] / "report.html").as_uri(), width=1280, height=SCREEN) as tab:
        tab.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        wide = tab.run(
            "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth + 1)"
            ".filter(one => one.querySelectorAll('thead th').length <= 10)"
            ".map(one => one.getAttribute('aria-label'))"
        )
        assert wide == []


def test_every_chapter_is_printed(window: chromium.Browser, finished) -> None:
    with chromium.opened(window, (finished[0] / "report.html").as_uri(), width=1280, height=SCREEN) as tab:
        tab.call("Emulation.setEmulatedMedia", media="print")
        assert tab.run(
            "[...document.querySelectorAll('.chapter > section')].every(one => one.getBoundingClientRect().height > 0)"
        )


def test_each_specification_sheet_is_printed_on_one_page_of_a4(window: chromium.Browser, finished) -> None:
    with chromium.opened(window, (finished[0] / "report.html").as_uri(), width=1280, height=SCREEN) as tab:
        sheets = tab.run("document.querySelectorAll('.alone').length")
        assert sheets == 2
        tab.tab.add_style_tag(
            content=".alone { break-before: auto !important; break-after: auto !important; }"
        )
        for k in range(sheets):
            tab.run(f"""{{
              const keep = document.querySelectorAll('.alone')[{k}];
              for (const one of document.querySelectorAll('#brief, .chapter')) one.hidden = one !== keep;
              keep.open = true;
            }}""")
            printed = tab.tab.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
