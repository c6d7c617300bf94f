"""What the tests of the page share: prankmock, a browser, and a look into the browser's log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver

from page import Page
from prankmock import Prankmock
from trap import Trap

OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """One Chromium for all tests; another prankmock is another origin, so nothing is left over."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    browser.set_script_timeout(10)
    Page(browser, "").set_usual()
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def prankmock(tls_dir: Path) -> Iterator[Prankmock]:
    running = Prankmock(tls_dir)
    yield running
    running.end()


@pytest.fixture
def page(driver: WebDriver, prankmock: Prankmock, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, open and live. Afterwards the browser's log has nothing but what was expected."""
    shown = Page(driver, prankmock.page)
    driver.get_log("browser")
    shown.open()
    yield shown
    log = [entry["message"] for entry in driver.get_log("browser")]
    driver.get("about:blank")
    if shown.is_changed:
        shown.set_usual()
    expected = request.node.get_closest_marker("logs")
    patterns = expected.args if expected else ()
    unexpected = [line for line in log if not any(re.search(pattern, line) for pattern in patterns)]
    assert not unexpected, "the browser complained"


@pytest.fixture
def trap() -> Iterator[Trap]:
    listener = Trap()
    yield listener
    listener.end()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs(pattern, …): what the browser may complain about")
