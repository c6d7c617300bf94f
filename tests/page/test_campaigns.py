"""The group view: a campaign's pranks as pictures."""

from __future__ import annotations

import pytest

from page import Keys, Page
from prankmock import Prankmock, make_mail, make_prank


def picture_words(page: Page, place: int = 0) -> str:
    return page.all("svg.prank")[place].get_attribute("aria-label")


def test_a_prank_is_drawn_from_its_author_to_its_recipients(
    page: Page, prankmock: Prankmock
) -> None:
    prankmock.send(make_prank(1, 3), make_mail("no prank"))
    page.wait_for_total(2)
    page.click(".views a", "Campaigns")
    page.wait_for(".card.campaign", "1 prank for 4 recipients, submitted by Nadia Rossi")
    page.click(".card.campaign", "april-fools")
    page.wait_for("#main h1", "april-fools")
    assert page.fragment() == "#/campaigns/april-fools"
    page.wait_for("svg.prank")
    assert picture_words(page) == ("Author 1 writes to Reader 0, Reader 1, Reader 2; Cc Witness; "
                                   "really submitted by Nadia Rossi")
    assert len(page.all("svg.prank .arrow.to")) == 3
    assert len(page.all("svg.prank .arrow.cc")) == 1
    assert len(page.all("svg.prank .arrow.organiser")) == 1
    dashes = page.one("svg.prank .arrow.cc .line").value_of_css_property("stroke-dasharray")
    assert dashes != "none", "Cc is dashed"


def test_pranks_appear_while_the_campaign_is_looked_at(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_prank(1, 2))
    page.wait_for_total(1)
    page.go("#/campaigns/april-fools")
    page.wait_for("svg.prank")
    prankmock.send(make_prank(2, 1), make_prank(3, 1, "another campaign"))
    page.wait(lambda: len(page.all("svg.prank")) == 2, "the second one is missing")
    page.press(Keys.ESCAPE)
    page.wait(lambda: len(page.all(".card.campaign")) == 2, "not both campaigns")


def test_a_click_opens_the_message_and_escape_leads_back(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_prank(1, 2), make_prank(2, 2))
    page.wait_for_total(2)
    page.go("#/campaigns/april-fools")
    page.click(".prank-card", "prank 1")
    page.wait_for("#main h1", "prank 1")
    page.press(Keys.ESCAPE)
    page.wait_for("#main h1", "april-fools")


@pytest.mark.parametrize("width", [1280, 360])
def test_names_and_arrows_of_every_size_stay_in_the_picture(
    page: Page, prankmock: Prankmock, width: int
) -> None:
    prankmock.send(*(make_prank(readers, readers) for readers in (1, 2, 5, 12)))
    page.wait_for_total(4)
    page.resize(width, 800)
    page.go("#/campaigns/april-fools")
    page.wait(lambda: len(page.all("svg.prank")) == 4, "not all pranks are drawn")
    outside = page.script("""
        return [...document.querySelectorAll('svg.prank')].flatMap((picture) => {
            const [, , width, height] = picture.getAttribute('viewBox').split(' ').map(Number);
            return [...picture.querySelectorAll('text, circle, path')].filter((shape) => {
                const box = shape.getBBox();
                return box.x < -1 || box.y < -1 || box.x + box.width > width + 1
                    || box.y + box.height > height + 1;
            }).map((shape) => shape.outerHTML);
        })""")
    assert outside == []
    assert page.script("return document.documentElement.scrollWidth") <= width


def test_names_of_campaigns_are_only_names(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_prank(1, 1, "a/b?c#d %2e <img src=x onerror=alert(1)>"))
    page.wait_for_total(1)
    page.go("#/campaigns")
    page.click(".card.campaign")
    page.wait_for("#main h1", "a/b?c#d %2e <img src=x onerror=alert(1)>")
    page.wait_for("svg.prank")
