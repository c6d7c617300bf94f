"""The message view and its tabs."""

from __future__ import annotations

import struct
import zlib

from page import Keys, Page
from prankmock import Prankmock, make_mail

TABS = ["Message", "Envelope", "Dialogue", "Source", "Attachments"]


def png() -> bytes:
    """A picture of 8 × 8 red points."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    points = zlib.compress((b"\0" + b"\xff\0\0" * 8) * 8)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", points)
            + chunk(b"IEND", b""))


def test_the_text_is_shown(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(text="Dear Tom,\n\nseven <b>layers</b>, at noon.\n"))
    page.open_message("seven layers")
    assert "Dear Tom,\n\nseven <b>layers</b>, at noon." in page.text("#panel-message")
    assert page.fragment() == "#/message/1"


def test_html_is_shown_first_and_the_text_on_demand(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(text="the text\n", html="<p>the html</p>"))
    page.open_message("seven layers")
    frame = page.wait_for("#panel-message iframe")
    assert frame.get_attribute("sandbox") == ""
    assert frame.get_attribute("referrerpolicy") == "no-referrer"
    assert "Remote pictures, scripts, forms and links are blocked." in page.text("#panel-message")
    page.driver.switch_to.frame(frame)
    assert page.text("body") == "the html"
    page.driver.switch_to.default_content()
    page.click(".switch label", "Text")
    page.wait_for("#panel-message pre", "the text")
    assert not page.all("#panel-message iframe")


def test_tabs_are_chosen_by_mouse_arrows_and_digits(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(html="<p>hello</p>"))
    page.open_message("seven layers")
    assert page.texts("[role=tab]") == TABS
    for place, title in enumerate(TABS, 1):
        page.press(str(place))
        page.wait_for("[role=tab][aria-selected=true]", title)
        page.wait_for(f"#panel-{title.lower()}")
        assert len([panel for panel in page.all("[role=tabpanel]") if panel.is_displayed()]) == 1
    page.click("[role=tab]", "Source")
    page.press(Keys.ARROW_RIGHT)
    assert page.focused() == "tab-attachments"
    page.press(Keys.ARROW_RIGHT)
    page.wait_for("[role=tab][aria-selected=true]", "Message")
    page.press(Keys.ARROW_LEFT, Keys.HOME, Keys.END)
    page.wait_for("[role=tab][aria-selected=true]", "Attachments")


def test_without_further_parts_there_is_no_tab_for_them(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail())
    page.open_message("seven layers", "Envelope")
    assert page.texts("[role=tab]") == TABS[:-1]
    page.press("5")
    page.settle()
    assert page.fragment() == "#/message/1/envelope"
    page.go("#/message/1/attachments")
    page.wait_for("#panel-message")


def test_the_tab_stays_with_the_next_message(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail("first"), make_mail("second"))
    page.open_message("second", "Envelope")
    page.press("j")
    page.wait_for("#main h1", "first")
    page.wait_for("#panel-envelope", "MAIL FROM")
    assert page.fragment() == "#/message/1/envelope"


def test_the_dialogue_says_who_said_what(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail())
    page.open_message("seven layers", "Dialogue")
    said = [tuple(line.text.split("\n", 1)) for line in page.all(".said")]
    assert "MAIL FROM:<NADIA@" in " ".join(line.upper() for who, line in said if who == "client")
    assert any(who == "server" and line.startswith("354") for who, line in said)
    assert page.colour(".said.client code", "color") != page.colour(".said.server code", "color")


def test_the_source_is_fetched_when_its_tab_is_opened(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(X_Odd="<script>"))
    page.open_message("seven layers")
    fetched = ("return performance.getEntriesByType('resource')"
               ".filter((entry) => entry.name.endsWith('/raw')).length")
    assert page.script(fetched) == 0
    page.press("4")
    source = page.wait_for("pre.source")
    assert "X-Odd: <script>" in source.text
    assert "Message-ID: <1.cake@example.test>" in source.text
    assert page.script(fetched) == 1


def test_a_big_source_is_cut(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(big_mail())
    page.open_message("big", "Source")
    page.wait_for("#panel-source", "The first 512 KiB of")
    assert len(page.texts("pre.source")[0]) <= 512 * 1024
    link = page.wait_for("#panel-source a", "Download all of it")
    assert link.get_attribute("href").endswith("/api/messages/1/raw")


def big_mail() -> bytes:
    body = b"seven layers of cream and eight of chocolate\r\n" * 20_000
    return b"From: zoe@example.test\r\nTo: tom@example.test\r\nSubject: big\r\n\r\n" + body


def test_attachments_are_listed_and_pictures_shown(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail()
    mail.add_attachment(png(), maintype="image", subtype="png", filename="cake.png")
    mail.add_attachment(b"<svg/>", maintype="image", subtype="svg+xml", filename="bad <b>.svg")
    prankmock.send(mail)
    page.open_message("seven layers")
    page.click("[role=tab]", "Attachments (2)")
    parts = page.wait_for("#panel-attachments")
    for words in ("cake.png", "image/png", "bad <b>.svg", "image/svg+xml"):
        assert words in parts.text
    width = "return document.querySelector('img.picture')?.naturalWidth"
    page.wait(lambda: page.script(width) == 8, "the picture is not shown")
    assert len(page.all("img.picture")) == 1, "no svg: it is a document, not a picture"


def test_a_picture_that_the_message_brings_along_is_shown(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail(html='<img src="cid:cake">', text=None)
    mail.add_related(png(), "image", "png", cid="<cake>")
    prankmock.send(mail)
    page.open_message("seven layers")
    page.driver.switch_to.frame(page.wait_for("#panel-message iframe"))
    page.wait(lambda: page.script("return document.images[0]?.naturalWidth") == 8, "no picture")
    page.driver.switch_to.default_content()


def test_the_download_is_the_message(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail())
    page.open_message("seven layers")
    link = page.wait_for(".actions a", ".eml")
    assert link.get_attribute("href").endswith("/api/messages/1/raw")
    assert link.get_attribute("download")


def test_an_address_leads_to_its_message_and_back_leads_back(
    page: Page, prankmock: Prankmock
) -> None:
    prankmock.send(make_mail("first"), make_mail("second"))
    page.open("#/message/1/envelope")
    page.wait_for("#main h1", "first")
    page.wait_for("#panel-envelope")
    page.open_message("second")
    page.driver.back()
    page.wait_for("#main h1", "first")


def test_a_message_that_is_gone_says_so(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail())
    page.open_message("seven layers")
    page.script("return fetch('/api/messages/1', {method: 'DELETE'}).then(() => null)")
    page.wait_for("#main h1", "Not here")
    page.wait_for("#main p", "This message is not kept")
