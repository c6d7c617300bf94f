"""The faults panel."""

from __future__ import annotations

import smtplib

import pytest

from page import Page
from prankmock import Prankmock, make_mail


def write(page: Page, rules: str) -> None:
    box = page.wait_for("#fault-rules")
    box.clear()
    box.send_keys(rules)
    page.click("#set-faults")


def test_rules_are_set_counted_and_cleared(page: Page, prankmock: Prankmock) -> None:
    page.click(".views a", "Faults")
    page.wait_for(".rules", "No rules")
    write(page, '[{"step": "rcpt", "recipient": "tom@*", "reply": "451 4.7.1 later"}]')
    page.wait_for(".rules td", "451 4.7.1 later")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        prankmock.send(make_mail())
    page.wait_for(".rules .fired .number", "1")
    page.click("#clear-faults")
    page.wait_for(".rules", "No rules")


@pytest.mark.logs("/api/faults .* 400")
def test_wrong_rules_are_told_with_their_place(page: Page) -> None:
    page.go("#/faults")
    write(page, '[\n{"step": "rcptt"}]')
    page.wait_for(".errors button", "line 2, column").click()
    assert page.focused() == "fault-rules"
    start = page.script("return document.getElementById('fault-rules').selectionStart")
    assert start >= 2, "the cursor is in the second line"
