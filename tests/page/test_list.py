"""The list: it fills by itself, counts, remembers what was read, and searches."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from page import Keys, Page
from prankmock import Prankmock, make_mail

LOST = "ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)"

SCROLL_UP = """
let [left, step, done] = arguments;
(function scroll() {
    document.getElementById('list').scrollTop -= step;
    left -= 1;
    requestAnimationFrame(left > 0 ? scroll : done);
})();
"""


def mails(*subjects: str) -> list[EmailMessage]:
    return [make_mail(subject) for subject in subjects]


def test_an_empty_mailbox_says_how_to_send(page: Page, prankmock: Prankmock) -> None:
    assert page.driver.title == "prankmock"
    assert page.heading() == "Nothing has come yet"
    commands = page.text("#main")
    assert f"prankcurl --server smtp://{prankmock.smtp}" in commands
    assert prankmock.ca in commands
    assert "swaks" in commands and "curl smtp://" in commands


def test_mail_appears_without_a_reload(page: Page, prankmock: Prankmock) -> None:
    page.script("window.sameDocument = true")
    prankmock.send(*mails("first", "second"))
    page.wait_for_total(2)
    assert page.subjects() == ["second", "first"], "newest first"
    prankmock.send(*mails("third"))
    page.wait_for_total(3)
    assert page.subjects() == ["third", "second", "first"]
    assert page.script("return window.sameDocument")


def test_a_row_says_who_to_whom_when_and_how_big(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail(
        "cake", to=["Tom <tom@example.test>", "Maya <maya@example.test>", "x@example.test"])
    mail.add_attachment(b"x" * 3000, maintype="application", subtype="pdf", filename="recipe.pdf")
    prankmock.send(mail)
    row = page.wait_for(".row", "cake")
    for words in ("Zoé Müller", "to Tom, Maya and 1 more", "KiB"):
        assert words in row.text
    assert row.find_elements("css selector", ".facts .icon"), "a sign for the attachment"


def test_readers_that_only_the_envelope_names_are_marked(
    page: Page, prankmock: Prankmock
) -> None:
    mail = make_mail("cake")
    del mail["To"]
    prankmock.send(mail, to=["quiet@example.test"])
    page.wait_for(".row .to.envelope")
    assert page.texts(".row .to") == ["to quiet@example.test, by the envelope only"]


def test_arrivals_are_said_aloud(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(*mails("seven layers"))
    page.wait(lambda: "New message from Zoé Müller: seven layers" in page.texts("#live")[0],
              "nothing is said")


def test_what_was_read_stays_read_over_a_reload(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(*mails("first", "second", "third"))
    page.wait_for_total(3)
    assert page.unread() == ["third", "second", "first"]
    page.open_message("second")
    page.wait(lambda: page.unread() == ["third", "first"], "opening does not count as reading")
    page.reload()
    page.wait_for_total(3)
    assert page.unread() == ["third", "first"]
    assert page.text("#count") == "3 messages, 2 unread"
    page.click("#read-all")
    page.wait(lambda: page.unread() == [], "not all are read")


@pytest.mark.logs(LOST)
def test_a_server_that_stays_away_is_said_to_be_gone(page: Page, prankmock: Prankmock) -> None:
    prankmock.end()
    page.wait_for("#connection", "reconnecting")
    page.wait_for("#connection", "the server does not answer; start prankmock again")


@pytest.mark.logs(LOST)
def test_it_comes_back_when_the_server_does(
    page: Page, prankmock: Prankmock, tls_dir: Path
) -> None:
    prankmock.send(*mails("of the first run"))
    page.wait_for_total(1)
    page.open_message("of the first run")
    prankmock.end()
    page.wait(lambda: page.text("#connection").startswith("reconnecting"), "it still says live")
    successor = Prankmock(tls_dir, prankmock.smtp, prankmock.http)
    try:
        successor.send(*mails("of the second run", "the other one"))
        page.wait(lambda: page.text("#connection") == "live", "it does not come back")
        page.wait_for_total(2)
        assert page.subjects() == ["the other one", "of the second run"]
        assert len(page.unread()) == 2, "ids of another run are other messages"
    finally:
        page.driver.get("about:blank")
        successor.end()


def test_search_asks_the_server(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail("first", text="with a Trombone in it\n"), make_mail("second"),
                   make_mail("third", author="Trombone Shorty <shorty@example.test>"))
    page.wait_for_total(3)
    page.search("trombone")
    page.wait(lambda: page.subjects() == ["third", "first"], "not what matches")
    assert page.text("#count") == "2 of 3 messages"
    page.search("nobody plays this")
    page.wait_for("#list-empty", "Nothing matches")
    page.press(Keys.ESCAPE)
    page.wait(lambda: len(page.subjects()) == 3, "Escape does not end the search")


def test_mail_that_matches_appears_while_searching(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail("first", text="trombone\n"))
    page.wait_for_total(1)
    page.search("trombone")
    page.wait(lambda: page.text("#count") == "1 of 1 message", "not found")
    prankmock.send(make_mail("no brass"), make_mail("second", text="another trombone\n"))
    page.wait(lambda: page.subjects() == ["second", "first"], "the new one is missing")
    assert page.text("#count") == "2 of 3 messages"


def test_a_thousand_messages_are_as_light_as_twenty(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(*mails(*(f"number {place}" for place in range(1000))))
    page.wait_for_total(1000)
    assert page.subjects()[0] == "number 999"
    assert len(page.all("#list *")) < 500, "only what can be seen is in the document"
    page.one("#list").click()
    page.press(Keys.ESCAPE, Keys.END)
    page.wait(lambda: page.subjects()[-1] == "number 0", "the end cannot be reached")
    place = page.one(".row.current").location["y"]
    prankmock.send(*mails("one more"))
    page.wait_for("#to-top", "1 new message")
    page.settle()
    assert page.subjects()[-1] == "number 0"
    bottom = page.script("return document.getElementById('list').scrollTop")
    moved = page.one(".row.current").location["y"] - place
    assert abs(moved) <= 1, "what is read stays in its place"
    page.driver.execute_async_script(SCROLL_UP, 10, 400)
    scrolled = page.script("return document.getElementById('list').scrollTop")
    assert scrolled == bottom - 4000, "what is drawn meanwhile does not hold it"
    page.click("#to-top")
    page.wait(lambda: page.subjects()[0] == "one more", "not back at the top")
