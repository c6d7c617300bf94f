"""The page of `prankcurl preview` in Chromium: it shows everything, and asks nobody for anything."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from page import Page
from prankmock import REPOSITORY
from test_looks import CONTRAST
from trap import Trap
from tricks import AT_ONCE, CONNECTIONS, LINKS, ON_CLICK

LONG = "pneumonoultramicroscopicsilicovolcanoconiosis" * 3
HTML = """<h1>Dear {{#recipients}}{{name}}, {{/recipients}}</h1><p>seven layers, at noon</p>
<img src="cid:logo" alt="a cake"><img src="https://tracker.example.com/a.png" alt="">"""
CAMPAIGN = {
    "campaign": "cake",
    "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
    "server": {"url": "smtp://127.0.0.1:2525"},
    "consent": {"domains": ["example.test"]},
    "victims": [{"name": name, "address": f"p{n}@example.test"} for n, name in enumerate(
        ["Zoé Müller", LONG, "Noa לוי", "\u202eTom", "Maya Iyer", "Анна Кузнецова"])],
    "groups": [{"name": "one", "members": [f"p{n}@example.test" for n in range(3)], "message": "a"},
               {"name": LONG[:60], "members": [f"p{n}@example.test" for n in range(3, 6)],
                "message": "b"}],
    "messages": [
        {"name": "a", "subject": "Cake, by {{author.name}}", "html": HTML,
         "inline": {"logo": "logo.png"}, "attachments": ["logo.png"],
         "invitation": {"start": "2027-04-01T10:00Z", "duration": "1h", "location": LONG}},
        {"name": "b", "subject": LONG, "text": f"{LONG * 3}\n\nseven layers\n"},
    ],
}

TOO_WIDE = """
return [...document.querySelectorAll('html, body, body *')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1
        || (element.scrollWidth > element.clientWidth + 1 && !element.matches('.skip')
            && getComputedStyle(element).display !== 'inline'))
    .map((element) => element.outerHTML.slice(0, 80));
"""
PICTURES = """
return [...document.images].map((image) => [image.src.slice(0, 14), image.complete
    && image.naturalWidth]);
"""


def png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    lines = b"".join(b"\0" + bytes((200, 90, 30)) * side for _ in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


Write = Callable[[dict[str, Any]], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a campaign's page, and returns its address."""
    named = os.environ.get("PRANKCURL_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankcurl"
    (tmp_path / "logo.png").write_bytes(png(40))

    def run(campaign: dict[str, Any]) -> str:
        path = tmp_path / "cake.json"
        path.write_text(json.dumps(campaign), encoding="utf-8")
        done = subprocess.run([binary, "preview", path], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done
        return Path(done.stdout.removesuffix("\n")).as_uri()

    return run


@pytest.fixture
def shown(driver: WebDriver, write: Write) -> Iterator[Page]:
    """The page is open. Afterwards the browser has nothing to complain about."""
    page = Page(driver, write(CAMPAIGN))
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get(page.url)
    yield page
    driver.switch_to.default_content()
    log = driver.get_log("browser")
    driver.get("about:blank")
    page.set_usual()
    assert log == []


def enter(page: Page, frame: WebElement) -> None:
    """Goes into a frame, as soon as what is in it is there: it waits until it can be seen."""
    page.script("arguments[0].scrollIntoView()", frame)
    page.driver.switch_to.frame(frame)
    page.wait(lambda: page.script("return document.readyState === 'complete'"
                                  " && location.href === 'about:srcdoc'"), "an empty frame")


def test_the_html_is_in_its_frame_with_its_picture(shown: Page) -> None:
    frame = shown.one("iframe")
    assert frame.get_attribute("title") and frame.size["height"] >= 144
    enter(shown, frame)
    assert "seven layers, at noon" in shown.text("p")
    assert "Dear" in shown.text("h1")
    shown.wait(lambda: all(width for _, width in shown.script(PICTURES)), "a picture is not shown")
    assert shown.script(PICTURES) == [["data:image/png", 40], ["data:image/svg", 360]]
    shown.driver.switch_to.default_content()
    assert shown.script(PICTURES) == [["data:image/png", 40]]


def test_the_text_is_a_click_away(shown: Page) -> None:
    assert not shown.one("details pre").is_displayed()
    shown.click("summary")
    assert "seven layers, at noon" in shown.text("details pre")
    assert shown.one("article:last-of-type pre").is_displayed()


def test_a_link_leads_to_each_prank(shown: Page) -> None:
    shown.driver.find_elements("css selector", "nav a")[1].click()
    top = shown.script("return document.querySelector('article:target').getBoundingClientRect().top")
    bottom = shown.script("return document.documentElement.scrollHeight - scrollY - innerHeight")
    assert abs(top) < 40 or bottom < 2


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_screen(shown: Page, width: int) -> None:
    shown.resize(width, 800)
    assert shown.script(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(shown: Page, scheme: str) -> None:
    shown.emulate(prefers_color_scheme=scheme)
    shown.click("summary")
    assert shown.script(CONTRAST) == []
    red = int(shown.colour("body").partition("(")[2].partition(",")[0])
    assert (red > 200) == (scheme == "light")


def test_headings_and_names_make_sense_without_eyes(shown: Page) -> None:
    assert shown.script("return document.documentElement.lang") == "en"
    levels = shown.script("return [...document.querySelectorAll('h1, h2, h3')]"
                          ".map((heading) => Number(heading.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    nameless = [element.get_attribute("outerHTML")
                for element in shown.all("a, iframe, summary, nav, article")
                if not element.accessible_name and element.is_displayed()]
    assert nameless == []


def test_nothing_runs_and_nobody_is_called(driver: WebDriver, write: Write, trap: Trap) -> None:
    """Whatever is in the html, as soon as it is seen, and when it is clicked."""
    tricks = AT_ONCE | CONNECTIONS | LINKS | ON_CLICK
    messages = [{"name": f"m{n}", "subject": name, "text": "x",
                 "html": html.replace("TRAP", trap.url)}
                for n, (name, html) in enumerate(tricks.items())]
    victims = [{"name": f"P{n}", "address": f"p{n}@example.test"} for n in range(2 * len(tricks))]
    groups = [{"name": f"g{n}", "message": f"m{n}",
               "members": [f"p{2 * n}@example.test", f"p{2 * n + 1}@example.test"]}
              for n in range(len(tricks))]
    page = Page(driver, write(CAMPAIGN | {"messages": messages, "victims": victims,
                                          "groups": groups}))
    driver.get(page.url)
    page.script("window.sameDocument = true")
    frames = page.all("iframe")
    assert len(frames) == len(tricks)
    for frame in frames:
        enter(page, frame)
        driver.switch_to.default_content()
        ActionChains(driver, duration=0).move_to_element(frame).click().perform()
        page.settle()
        assert page.script("return window.sameDocument && window.pwned === undefined")
    assert len(driver.window_handles) == 1 and driver.current_url == page.url
    driver.get("about:blank")
    driver.get_log("browser")  # it complains, of what it has forbidden
    assert (trap.connections, trap.requests) == (0, [])
