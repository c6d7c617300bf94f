"""Everything that comes from mail is hostile: nothing of it runs, leaves, or reaches the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium.common.exceptions import (
    JavascriptException, NoAlertPresentException, NoSuchFrameException,
    StaleElementReferenceException,
)
from selenium.webdriver import ActionChains

from page import Page
from prankmock import Prankmock, make_mail, make_prank
from trap import Trap
from tricks import AT_ONCE, CONNECTIONS, LINKS, MARKUP, ON_CLICK

# What Chromium says about a frame in which it forbade something. Our own page never causes these.
FORBIDDEN = pytest.mark.logs(r"^http://\S+/api/messages/\d+/html ", "^security - Framing '")
SCRIPT = b"<script>top.pwned = 1</script>"
FOCUSED = "return document.activeElement.tagName"
TEXT = "return document.body.innerText.trim()"


def nothing_happened(page: Page, trap: Trap) -> bool:
    """Nothing ran, nothing asked, nobody was called, and the page is still the page."""
    assert page.script("return window.sameDocument"), "another document took the page's place"
    assert page.script("return window.pwned === undefined")
    with pytest.raises(NoAlertPresentException):
        _ = page.driver.switch_to.alert
    assert len(page.driver.window_handles) == 1
    assert trap.requests == []
    return True


@pytest.fixture(autouse=True)
def untouched(page: Page, trap: Trap) -> Iterator[None]:
    page.script("window.sameDocument = true")
    yield
    page.driver.switch_to.default_content()
    nothing_happened(page, trap)


def send_tricks(page: Page, prankmock: Prankmock, tricks: dict[str, str], trap: Trap) -> None:
    prankmock.send(*(make_mail(name, text=None, html=html.replace("TRAP", trap.url))
                     for name, html in tricks.items()))
    page.wait_for_total(len(tricks))


def show(page: Page, name: str) -> None:
    """Opens the message. When its html is there, what it wanted to fetch has been asked for."""
    page.open_message(name)
    page.wait_for("#panel-message iframe")
    wait_for_frame(page)


def in_frame(page: Page, source: str) -> Any:
    """What the script says inside the html's frame; None while the frame is being replaced."""
    try:
        page.driver.switch_to.frame(page.one("#panel-message iframe"))
        return page.script(source)
    except (StaleElementReferenceException, NoSuchFrameException, JavascriptException):
        return None
    finally:
        page.driver.switch_to.default_content()


def wait_for_frame(page: Page) -> None:
    state = "return location.href.endsWith('/html') && document.readyState"
    page.wait(lambda: in_frame(page, state) == "complete", "the html is not shown")


def click_html(page: Page) -> None:
    frame = page.one("#panel-message iframe")
    ActionChains(page.driver, duration=0).move_to_element(frame).click().perform()


def click_and_see(page: Page, condition: Callable[[], bool]) -> None:
    """A frame that is not painted yet may miss a click."""
    def clicked() -> bool:
        click_html(page)
        page.settle()
        return condition()

    page.wait(clicked, "the click does nothing")


def round_trip(page: Page, prankmock: Prankmock) -> None:
    """Mail comes in and is shown: whatever was begun before has had its time."""
    prankmock.send(make_mail("and after it"))
    page.open_message("and after it")
    page.wait_for("pre.text")


@FORBIDDEN
def test_html_runs_and_fetches_nothing(page: Page, prankmock: Prankmock, trap: Trap) -> None:
    send_tricks(page, prankmock, AT_ONCE, trap)
    for name in AT_ONCE:
        show(page, name)
        assert nothing_happened(page, trap), name
    round_trip(page, prankmock)


@FORBIDDEN
def test_html_does_not_even_connect(page: Page, prankmock: Prankmock, trap: Trap) -> None:
    """Without a word on it, a connection still tells when and from where a mail was opened."""
    send_tricks(page, prankmock, CONNECTIONS, trap)
    for name in CONNECTIONS:
        show(page, name)
    round_trip(page, prankmock)
    assert trap.connections == 0


@FORBIDDEN
def test_a_click_in_html_leads_nowhere(page: Page, prankmock: Prankmock, trap: Trap) -> None:
    send_tricks(page, prankmock, ON_CLICK, trap)
    for name in ON_CLICK:
        show(page, name)
        click_and_see(page, lambda: in_frame(page, FOCUSED) in ("A", "BUTTON"))
        assert nothing_happened(page, trap), name
    round_trip(page, prankmock)


@FORBIDDEN
def test_a_link_is_blocked_and_the_message_comes_back(
    page: Page, prankmock: Prankmock, trap: Trap
) -> None:
    send_tricks(page, prankmock, LINKS, trap)
    for name in LINKS:
        show(page, name)
        click_and_see(page, lambda: "That link was blocked." in page.text(".shield"))
        page.wait(lambda: in_frame(page, TEXT) == "the trick", "the message does not come back")
        assert nothing_happened(page, trap), name


def test_html_is_shown_in_a_frame_without_any_right(
    page: Page, prankmock: Prankmock, trap: Trap
) -> None:
    send_tricks(page, prankmock, {"hello": "<p>hello</p>"}, trap)
    show(page, "hello")
    page.driver.switch_to.frame(page.one("#panel-message iframe"))
    assert page.script("return window.origin") == "null"
    with pytest.raises(Exception, match="origin|SecurityError|sandboxed"):
        page.script("return window.localStorage")


def test_names_and_subjects_are_only_text(page: Page, prankmock: Prankmock) -> None:
    hostile = make_mail(
        MARKUP, text=MARKUP, author='"<b>Zoe</b> <script>pwned=1</script>" <zoe@example.test>',
        to=['"<img src=x onerror=pwned=1>" <tom@example.test>'], X_Prank_Campaign=MARKUP,
        Cc='"<svg onload=pwned=1>" <maya@example.test>',
        Reply_To='"<iframe src=javascript:pwned=1>" <a@example.test>')
    hostile.add_attachment(
        b"x", maintype="text", subtype="html", filename="<img src=x onerror=pwned=1>.html")
    prankmock.send(hostile)
    page.wait_for_total(1)
    assert page.subjects() == [MARKUP]
    page.open_message(MARKUP)
    assert "<b>Zoe</b> <script>pwned=1</script>" in page.text(".author")
    for tab in ("2", "3", "4", "5", "1"):
        page.press(tab)
        page.settle()
    page.press("d")
    page.wait_for("#ask", MARKUP)
    page.click("#ask-no")
    page.go("#/campaigns")
    page.click(".card.campaign", MARKUP)
    page.wait_for("svg.prank")
    assert page.all("#main img, #main script, #main iframe, #main b, .row b, .row img") == []


def test_names_cannot_turn_the_text_around_them(page: Page, prankmock: Prankmock) -> None:
    """U+202E turns what follows; it ends with the name."""
    prankmock.send(make_mail("\u202etxt.exe\u2066", author="\u202eeoZ <zoe@example.test>"))
    page.wait_for_total(1)
    isolated = page.script("""
        return ['from', 'subject', 'to'].map((name) => `.row .${name} bdi`)
            .map((selector) => document.querySelector(selector) !== null)""")
    assert isolated == [True, True, True]


def test_an_html_part_is_a_download(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail()
    mail.add_attachment(SCRIPT, maintype="text", subtype="html", filename="a.html")
    prankmock.send(mail)
    page.open_message("seven layers")
    page.press("5")
    link = page.wait_for("#panel-attachments .parts a", "Download")
    assert link.get_attribute("download") == "a.html"
    answer = page.driver.execute_async_script("""
        const done = arguments[1];
        fetch(arguments[0]).then((answer) => done([answer.headers.get('content-disposition'),
            answer.headers.get('content-security-policy')]))""", link.get_attribute("href"))
    assert answer[0].startswith("attachment") and "sandbox" in answer[1]


def test_a_picture_that_is_none_is_said_to_be_none(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail()
    mail.add_attachment(SCRIPT, maintype="image", subtype="png", filename="a.png")
    prankmock.send(mail)
    page.open_message("seven layers")
    page.press("5")
    page.wait_for("#panel-attachments", "This picture cannot be shown.")


@pytest.mark.logs("requires 'TrustedHTML'")
def test_the_page_itself_forbids_what_it_does_not_need(page: Page) -> None:
    policy = page.driver.execute_async_script(
        "fetch('/').then((answer) => arguments[0](answer.headers.get('content-security-policy')))")
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
                 "form-action 'none'", "frame-ancestors 'none'",
                 "require-trusted-types-for 'script'"):
        assert rule in policy
    with pytest.raises(Exception, match="TrustedHTML"):
        page.script("document.body.innerHTML = '<b>no</b>'")


def test_a_prank_with_markup_for_names_is_drawn(page: Page, prankmock: Prankmock) -> None:
    prank = make_prank(1, 2)
    prank.replace_header("From", '"<svg/onload=pwned=1>" <author@example.test>')
    prankmock.send(prank)
    page.wait_for_total(1)
    page.go("#/campaigns/april-fools")
    drawn = page.wait_for("svg.prank")
    assert drawn.get_attribute("aria-label").startswith("<svg/onload=pwned=1> writes to")
    assert page.script("return document.querySelector('svg.prank svg')") is None
