"""The lesson: the envelope is not the header, and the page shows where they differ."""

from __future__ import annotations

import smtplib
import ssl

from page import Page
from prankmock import ORGANISER, Prankmock, make_mail, make_prank


def sides(page: Page) -> tuple[str, str]:
    page.wait_for("#panel-envelope .half")
    return "\n".join(page.texts(".half.envelope")), "\n".join(page.texts(".half.header"))


def test_each_side_says_its_own(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(Sender=f"Nadia Rossi <{ORGANISER}>", Reply_To="zoe@elsewhere.test"),
                   options=["BODY=8BITMIME"])
    page.open_message("seven layers", "Envelope")
    envelope, header = sides(page)
    for words in ("lab-3.example.test", f"<{ORGANISER}>", "BODY=8BITMIME", "<tom@example.test>"):
        assert words in envelope
    for words in ("Zoé Müller", "<zoe@example.test>", "Nadia Rossi", "zoe@elsewhere.test",
                  "seven layers", "1.cake@example.test"):
        assert words in header
    assert "zoe@" not in envelope


def test_a_different_sender_is_marked_in_words_and_colour(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail())
    page.open_message("seven layers")
    page.wait_for(".chip.envelope", f"MAIL FROM {ORGANISER}").click()
    page.wait_for(".findings", f"Zoé Müller as author (From), but {ORGANISER} submitted it")
    page.wait_for(".half.envelope .tag.differs", "is not From")
    page.wait_for(".half.header .tag.differs", "is not MAIL FROM")
    same = page.colour(".tag.same", "color")
    assert page.colour(".tag.differs", "color") != same
    assert "From is what the reader sees; MAIL FROM is where bounces go" in page.text(".lesson")


def test_who_logged_in_is_said(page: Page, prankmock: Prankmock) -> None:
    host, port = prankmock.smtp.rsplit(":", 1)
    with smtplib.SMTP(host, int(port)) as session:
        session.starttls(context=ssl.create_default_context(cafile=prankmock.ca))
        session.login("nadia", "any")
        session.send_message(make_mail(), from_addr=ORGANISER)
    page.open_message("seven layers")
    page.wait_for(".chip.envelope", f"logged in as nadia, MAIL FROM {ORGANISER}")


def test_equal_sides_are_said_to_be_equal(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(), sender="zoe@example.test")
    page.open_message("seven layers", "Envelope")
    page.wait_for(".findings", "Envelope and header name the same people.")
    assert not page.all(".tag.differs") and not page.all(".chip.envelope")


def test_a_recipient_who_is_in_no_header_field_is_marked(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(), to=["tom@example.test", "quiet@example.test"])
    page.open_message("seven layers", "Envelope")
    page.wait_for(".half.envelope .line", "<quiet@example.test>\nin no header field, as with Bcc")
    page.wait_for(".findings", "quiet@example.test got it but is in no header field")


def test_a_named_person_who_does_not_get_it_is_marked(page: Page, prankmock: Prankmock) -> None:
    mail = make_mail(Cc="Maya <maya@example.test>, Noa <noa@example.test>")
    prankmock.send(mail, to=["tom@example.test", "noa@example.test"])
    page.open_message("seven layers", "Envelope")
    page.wait_for(".half.header .line", "<maya@example.test>\nnot in the envelope")
    page.wait_for(".findings", "maya@example.test is named in the header, but not in the envelope")
    page.wait_for(".half.header .line", "<noa@example.test>\nin RCPT TO")


def test_the_null_sender_gets_no_bounces(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_mail(), sender="")
    page.open_message("seven layers", "Envelope")
    page.wait_for(".findings", "MAIL FROM is empty: nobody gets a bounce")


def test_without_from_nothing_is_compared_with_it(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(b"To: tom@example.test\r\nSubject: no author\r\n\r\nhello\r\n")
    page.open_message("no author", "Envelope")
    page.wait_for(".findings", "There is no From field: readers see no author; "
                               "RFC 5322 requires From and Date.")
    envelope, header = sides(page)
    assert "is not From" not in envelope and "From counts" not in header


def test_of_a_prank_the_organiser_answers_openly(page: Page, prankmock: Prankmock) -> None:
    prankmock.send(make_prank(1, 2))
    page.open_message("prank 1", "Envelope")
    page.wait_for(".findings", "Sender says so openly")
    assert page.text(".findings h2") == "One difference"


def test_an_international_domain_is_the_same_on_both_sides(
    page: Page, prankmock: Prankmock
) -> None:
    """The command has it in A-labels, and so has the field; people read it in Unicode."""
    address = "eleni@xn--mnchen-3ya.test"
    prankmock.send(make_mail(to=[address]), sender="zoe@example.test", to=[address])
    page.open_message("seven layers", "Envelope")
    page.wait_for(".findings", "Envelope and header name the same people.")
    envelope, header = sides(page)
    assert "<eleni@münchen.test>" in envelope and "<eleni@münchen.test>" in header
    assert f"as {address}" in " ".join(envelope.split())
