"""Nothing is deleted without a question."""

from __future__ import annotations

import json
from urllib.request import urlopen

from page import Keys, Page
from prankmock import Prankmock, make_mail


def kept(prankmock: Prankmock) -> list[str]:
    with urlopen(f"http://{prankmock.http}/api/messages") as answer:
        return [message["subject"] for message in json.load(answer)["messages"]]


def three(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(*(make_mail(subject) for subject in ("first", "second", "third")))
    page.wait_for_total(3)


def test_escape_and_cancel_delete_nothing(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.open_message("second")
    page.press("d")
    page.wait_for("#ask", "Delete this message?")
    page.wait_for("#ask", "“second”")
    page.press(Keys.ESCAPE)
    page.wait_until_gone("#ask")
    page.click("#delete-one")
    page.click("#ask-no")
    page.wait_until_gone("#ask")
    assert page.focused() == "delete-one", "the focus goes back to where it was"
    assert page.heading() == "second"
    assert kept(prankmock) == ["third", "second", "first"]


def test_d_and_enter_alone_delete_nothing(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.press("j", "d")
    page.wait(lambda: page.focused() == "ask-no", "Cancel has not got the focus")
    page.press(Keys.ENTER)
    page.wait_until_gone("#ask")
    assert len(kept(prankmock)) == 3


def test_d_tab_and_enter_delete_the_open_message(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.open_message("second")
    page.press("d")
    page.wait_for("#ask")
    page.press(Keys.TAB)
    assert page.focused() == "ask-yes"
    page.press(Keys.ENTER)
    page.wait_for_total(2)
    page.wait_for("#main h1", "first")
    assert page.subjects() == ["third", "first"]
    assert kept(prankmock) == ["third", "first"]


def test_d_deletes_the_marked_message(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.press("j", "d")
    page.wait_for("#ask", "“third”")
    page.click("#ask-yes")
    page.wait_for_total(2)
    page.wait(lambda: page.texts(".row.current .subject") == ["second"], "the mark is lost")


def test_deleting_all_is_asked_with_care(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.open_message("second")
    page.click("#delete-all")
    page.wait_for("#ask", "3 messages. They are forgotten here, for everybody")
    assert page.focused() == "ask-no", "Enter alone deletes nothing"
    page.press(Keys.ENTER)
    page.wait_until_gone("#ask")
    assert len(kept(prankmock)) == 3
    page.click("#delete-all")
    page.click("#ask-yes")
    page.wait_for_total(0)
    page.wait_for("#main h1", "Nothing has come yet")
    assert page.subjects() == [] and kept(prankmock) == []


def test_all_cannot_be_deleted_beside_a_search(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.search("second")
    page.wait(lambda: page.text("#count") == "1 of 3 messages", "not found")
    assert not page.one("#delete-all").is_displayed()
    page.press(Keys.ESCAPE)
    page.wait_for("#delete-all")


def test_what_others_delete_goes_as_well(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.script("return fetch('/api/messages/2', {method: 'DELETE'}).then(() => null)")
    page.wait_for_total(2)
    assert page.subjects() == ["third", "first"]


def test_an_empty_mailbox_says_how_to_send_again(page: Page, prankmock: Prankmock) -> None:
    page.go("#/campaigns")
    prankmock.send(make_mail())
    page.wait_for_total(1)
    page.press(Keys.ESCAPE)
    page.wait_for("#main h1", "Choose a message")
    page.click("#delete-all")
    page.click("#ask-yes")
    page.wait_for("#main h1", "Nothing has come yet")
