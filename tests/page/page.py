"""The page as a person sees it: what is there, and what can be pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WAIT_S = 10
POLL_S = 0.03
Found = TypeVar("Found")

FIND = """
const [selector, text] = arguments;
return [...document.querySelectorAll(selector)].find((element) => element.checkVisibility()
    && (element.innerText ?? element.textContent).includes(text)) ?? null;
"""

__all__ = ["Keys", "Page"]


class Page:
    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver = driver
        self.url = url
        self.is_changed = False  # its size or what it emulates

    def set_usual(self) -> None:
        self.emulate(prefers_color_scheme="light")
        self.resize(1280, 800)

    def open(self, fragment: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(self.url + fragment)
        self.wait_for("#connection", "live")
        self.settle()

    def reload(self) -> None:
        self.driver.refresh()
        self.wait_for("#connection", "live")
        self.settle()

    def go(self, fragment: str) -> None:
        self.driver.execute_script("location.hash = arguments[0]", fragment)

    # Waiting

    def wait(self, condition: Callable[[], Found], otherwise: str) -> Found:
        waiting = WebDriverWait(self.driver, WAIT_S, POLL_S, [StaleElementReferenceException])
        return waiting.until(lambda _: condition(), otherwise)

    def wait_for(self, selector: str, text: str = "") -> WebElement:
        """The first such element that can be seen and has the text in it."""
        return self.wait(lambda: self.script(FIND, selector, text), f"no {selector} with {text!r}")

    def wait_for_total(self, total: int) -> None:
        title = f"({total}) prankmock" if total else "prankmock"
        self.wait(lambda: self.driver.title == title, f"the title is not {title!r}")
        self.settle()

    def wait_until_gone(self, selector: str) -> None:
        self.wait(lambda: self.script(FIND, selector, "") is None, f"{selector} stays")

    def settle(self) -> None:
        """Everything that was asked of the page until now has been drawn."""
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")

    # Looking

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return self.one(selector).text

    def texts(self, selector: str) -> list[str]:
        return self.script("return [...document.querySelectorAll(arguments[0])]"
                           ".map((element) => element.textContent)", selector)

    def script(self, source: str, *arguments: Any) -> Any:
        return self.driver.execute_script(source, *arguments)

    def subjects(self) -> list[str]:
        return self.texts(".row .subject")

    def unread(self) -> list[str]:
        return self.texts(".row.unread .subject")

    def heading(self) -> str:
        return self.text("#main h1")

    def fragment(self) -> str:
        return self.script("return location.hash")

    def focused(self) -> str:
        return self.script("return document.activeElement.id")

    def colour(self, selector: str, name: str = "background-color") -> str:
        return self.one(selector).value_of_css_property(name)

    # Doing

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def click(self, selector: str, text: str = "") -> None:
        self.wait_for(selector, text).click()

    def open_message(self, subject: str, tab: str = "") -> None:
        self.click(".row", subject)
        self.wait_for("#main h1", subject)
        if tab:
            self.click("[role=tab]", tab)
            self.wait_for(f"#panel-{tab.lower()}")

    def search(self, words: str) -> None:
        box = self.one("#search")
        box.clear()
        box.send_keys(words)

    def emulate(self, **features: str) -> None:
        self.is_changed = True
        listed = [{"name": name.replace("_", "-"), "value": value}
                  for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": listed})

    def resize(self, width: int, height: int) -> None:
        self.is_changed = True
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.settle()
