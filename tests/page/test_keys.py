"""The keyboard is enough, and it does nothing behind the back of who types."""

from __future__ import annotations

from page import Keys, Page
from prankmock import Prankmock, make_mail


def three(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(*(make_mail(subject) for subject in ("first", "second", "third")))
    page.wait_for_total(3)


def marked(page: Page) -> list[str]:
    page.settle()
    return page.texts(".row.current .subject")


def test_j_and_k_move_the_mark_and_enter_opens(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.press("j")
    assert marked(page) == ["third"]
    page.press("j")
    assert marked(page) == ["second"]
    page.press("k", "k", "k")
    assert marked(page) == ["third"], "it ends at the top"
    page.press("j", Keys.ENTER)
    page.wait_for("#main h1", "second")
    page.wait(lambda: page.focused() == "subject", "the message has not got the focus")


def test_j_and_k_go_from_message_to_message(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.open_message("third")
    page.press("j")
    page.wait_for("#main h1", "second")
    page.press("j")
    page.wait_for("#main h1", "first")
    page.press("k")
    page.wait_for("#main h1", "second")
    page.press(Keys.ESCAPE)
    page.wait(lambda: page.fragment() == "#/", "Escape does not lead back")
    page.wait_for("#main h1", "Choose a message")


def test_arrows_move_in_the_list(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.script("document.getElementById('list').focus()")
    page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert marked(page) == ["second"]
    page.press(Keys.END)
    assert marked(page) == ["first"]
    active = page.one("#list").get_attribute("aria-activedescendant")
    assert page.one(f"#{active}").get_attribute("aria-posinset") == "3"
    page.press(Keys.HOME, " ")
    page.wait_for("#main h1", "third")


def test_slash_goes_to_the_search_and_letters_stay_there(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.open_message("second")
    page.press("/")
    assert page.focused() == "search"
    page.press("j", "d", "?", "5")
    assert page.one("#search").get_attribute("value") == "jd?5"
    assert page.heading() == "second"
    assert not page.all("dialog[open]")
    page.press(Keys.ESCAPE)
    assert page.one("#search").get_attribute("value") == ""
    assert page.focused() == "list"
    page.press("/")
    assert page.focused() == "search"
    assert page.one("#search").get_attribute("value") == ""


def test_enter_in_the_search_opens_the_first_hit(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.press("/", *"ir", Keys.ENTER)  # faster than the search
    page.wait_for("#main h1", "third")
    page.wait(lambda: page.focused() == "subject", "the message has not got the focus")
    assert page.subjects() == ["third", "first"]


def test_the_arrow_leads_from_the_search_to_the_first_hit(
    page: Page, prankmock: Prankmock
) -> None:
    three(page, prankmock)
    page.open_message("second")
    page.press("/", *"ir", Keys.ARROW_DOWN)
    page.wait(lambda: page.focused() == "list", "the list has not got the focus")
    page.wait(lambda: marked(page) == ["third"], "the first hit is not marked")
    assert page.heading() == "second"
    page.press(Keys.ENTER)
    page.wait_for("#main h1", "third")


def test_nothing_found_leaves_the_focus_in_the_search(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.press("/", *"xyz", Keys.ENTER)
    page.wait_for("#list-empty", "Nothing matches")
    assert page.focused() == "search"


def test_question_mark_shows_the_keys(page: Page) -> None:
    page.press("?")
    page.wait_for("#keys", "search")
    page.press("j", Keys.ESCAPE)
    page.wait_until_gone("#keys")


def test_keys_with_ctrl_are_the_browsers(page: Page, prankmock: Prankmock) -> None:
    three(page, prankmock)
    page.script("""document.body.dispatchEvent(new KeyboardEvent(
        'keydown', {key: 'j', ctrlKey: true, bubbles: true}))""")
    assert marked(page) == []
