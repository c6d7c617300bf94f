"""Narrow and wide, light and dark, and readable in both."""

from __future__ import annotations

import pytest

from page import Keys, Page
from prankmock import Prankmock, make_mail, make_prank

CONTRAST = """
function luminance([r, g, b]) {
    const [x, y, z] = [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
function numbers(colour) { return colour.match(/[\\d.]+/g).map(Number); }
function background(element) {
    for (let at = element; at; at = at.parentElement) {
        const colour = numbers(getComputedStyle(at).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
}
const bad = [];
for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest('.unseen, svg') || !element.checkVisibility()) continue;
    const [a, b] = [numbers(getComputedStyle(element).color), background(element)]
        .map(luminance).sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
}
return bad;
"""

TOO_WIDE = """
const main = document.getElementById('main');
return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth]
    .filter((excess) => excess > 0);
"""

VIEWS = (
    ("#/", ".row"),
    ("#/message/1", "pre.text"),
    ("#/message/1/envelope", ".findings"),
    ("#/message/1/dialogue", ".said"),
    ("#/message/1/source", "pre.source"),
    ("#/message/1/attachments", "#panel-attachments"),
    ("#/campaigns", ".card"),
    ("#/campaigns/april-fools", ".prank-card"),
    ("#/faults", "#fault-rules"),
)


def test_narrow_shows_the_list_or_the_message(page: Page, prankmock: Prankmock) -> None:
    page.resize(360, 640)
    page.wait_for("#main h1", "Nothing has come yet")
    prankmock.send(make_mail("first"), make_mail("second"))
    page.wait_for_total(2)
    assert page.one("#list").is_displayed() and not page.one("#main").is_displayed()
    page.open_message("second")
    assert not page.one("#list").is_displayed()
    page.click("#main .back")
    page.wait_for("#list")
    page.press("j", Keys.ENTER)
    page.wait_for("#main h1")


def test_nothing_is_wider_than_a_narrow_screen(page: Page, prankmock: Prankmock) -> None:
    mail = make_prank(1, 3)
    mail.replace_header("Subject", "x" * 300)
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="y" * 200 + ".pdf")
    prankmock.send(mail)
    page.wait_for_total(1)
    page.resize(360, 640)
    for view, shown in VIEWS:
        page.go(view)
        page.wait_for(shown)
        assert page.script(TOO_WIDE) == [], view
    page.go("#/message/1")
    page.wait_for("pre.text")
    assert page.script("const tabs = document.querySelector('.tabs');"
                       "return tabs.scrollWidth <= tabs.clientWidth"), "every tab can be seen"


def test_dark_and_light_follow_the_system(page: Page) -> None:
    light = page.colour("body"), page.colour("body", "color")
    page.emulate(prefers_color_scheme="dark")
    dark = page.colour("body"), page.colour("body", "color")
    assert light[0] != dark[0] and light[1] != dark[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(page: Page, prankmock: Prankmock, scheme: str) -> None:
    """Contrast AA: 4.5 to 1."""
    page.emulate(prefers_color_scheme=scheme)
    assert page.script(CONTRAST) == []
    mail = make_prank(1, 2)
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="recipe.pdf")
    prankmock.send(mail, make_mail("second"))
    page.wait_for_total(2)
    for view, shown in VIEWS:
        page.go(view)
        page.wait_for(shown)
        assert page.script(CONTRAST) == [], view


def test_reduced_motion_is_respected(page: Page, prankmock: Prankmock) -> None:
    page.emulate(prefers_reduced_motion="reduce")
    prankmock.send(make_mail())
    page.wait_for_total(1)
    assert page.one(".row").value_of_css_property("animation-name") == "none"


def test_everything_that_can_be_pressed_has_a_name(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(html="<p>hello</p>"))
    page.open_message("seven layers")
    nameless = [element.get_attribute("outerHTML")
                for element in page.all("button, a, input, textarea, iframe, [role=tabpanel]")
                if element.is_displayed() and not element.accessible_name]
    assert nameless == []
