"""The preview: one page that shows every prank, loads nothing, and overwrites nothing of others."""

from __future__ import annotations

import base64
import os
import re
import resource
import signal
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from campaigns import MESSAGE, CampaignFolder, many_groups, two_groups
from runner import Prankcurl

URL = "smtps://smtp.example.test:465"  # which does not exist, and needs not
DATED = {"SOURCE_DATE_EPOCH": "1806566400"}
WITNESSES = [{"name": "The teacher", "address": "teacher@example.test"}]
RIGHT_TO_LEFT = "\u202e"
HOSTILE = f"""<script>alert(1)</script>"'></title></style></pre><!--{RIGHT_TO_LEFT}"""
EVENT = {"start": "2027-04-01T10:00+02:00", "duration": "30m", "location": "Room <4>, left; right"}


class Reader(HTMLParser):
    """What a browser makes of the page: its elements, and its text without styles and frames."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def frames(self) -> list[str]:
        """The html within the frames, each of which may do nothing."""
        assert all(frame["sandbox"] is None and "src" not in frame for frame in self.all("iframe"))
        return [str(frame["srcdoc"]) for frame in self.all("iframe")]


def png(side: int, noise: bool = False) -> bytes:
    """A square picture; with noise it has side * side * 3 bytes, and no fewer."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    row = os.urandom if noise else bytes
    lines = b"".join(b"\0" + row(side * 3) for _ in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def preview(prankcurl: Prankcurl, path: Path, *words: str | Path) -> Reader:
    done = prankcurl("preview", *words, path, env=DATED).expect(0)
    shown = Path(done.stdout.decode().removesuffix("\n"))
    assert shown == path.with_suffix(".preview.html")
    assert sorted(path.parent.glob("*.preview.html*")) == [shown], "something was left behind"
    return Reader(shown.read_text(encoding="utf-8"))


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def test_every_prank_is_there_with_its_envelope(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    page = preview(prankcurl, campaign(URL, witnesses=WITNESSES, **two_groups()))
    assert len(page.all("article")) == 2
    assert {f"#{article['id']}" for article in page.all("article")} <= {
        link.get("href") for link in page.all("a")}
    for words in ("Ada1 broke the coffee machine", "Ada2 broke the coffee machine", "2027",
                  "20270401", "To" "Ben1 <ben1@example.test>, Cai1 <cai1@example.test>",
                  "Cc" "The teacher <teacher@example.test>", "From" "Ada1 <ada1@example.test>",
                  "Sender" "Nadia Rossi <nadia@example.test>", "MAIL FROM" "nadia@example.test",
                  "Date" "Thu, 01 Apr 2027 "):
        assert words in re.sub(r"\n", "", page.text), words
    envelope = page.text.partition("RCPT TO")[2].partition(" to ")[0].split()
    assert envelope[:3] == ["ben1@example.test", "cai1@example.test", "teacher@example.test"]
    assert "it was me.\n.\n..and it was the last one.\n" in page.text, "the text, to the letter"


def test_only_the_groups_that_are_asked_for(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign(URL, **many_groups(4))
    page = preview(prankcurl, path, "--group", "g3", "--group", "g2")
    assert "Pranks2 of 4" in page.text
    assert "group g2" in page.text and "group g3" in page.text and "group g1" not in page.text
    assert len(preview(prankcurl, path, "--limit", "3").all("article")) == 3


def test_the_same_campaign_makes_the_same_page(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL, **two_groups())
    first = preview(prankcurl, path).text
    assert preview(prankcurl, path).text == first
    assert preview(prankcurl, path, "--seed", "4").text != first
    prankcurl("preview", path).expect(0)
    undated = Reader(path.with_suffix(".preview.html").read_text(encoding="utf-8"))
    assert "Datewhen it is sent" in undated.text


def test_words_in_every_script_are_shown_as_they_are(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    names = ["Zoé Müller", "小林 さくら", "Noa לוי", "Maya 🎈 Iyer", "José \"Pepe\" Nuñez, PhD",
             "ß" * 120, "?=_=?"]
    path = campaign(URL, victims=[{"name": name, "address": f"p{n}@example.test"}
                                  for n, name in enumerate(names)],
                    groups={"count": 1}, messages=[MESSAGE | {"subject": "☕ " + "é" * 90}])
    page = preview(prankcurl, path)
    header = page.text.partition("The header")[2].partition("The envelope")[0]
    for name in names:
        assert name in header.replace('\\"', '"'), name
    assert "Subject☕ " + "é" * 90 + "\n" in header
    assert "=?" not in header.replace("?=_=?", "")


def test_what_people_write_can_not_become_markup(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    plain = preview(prankcurl, campaign(URL))
    victims = [{"name": HOSTILE, "address": f"p{n}@example.test"} for n in range(3)]
    hostile = preview(prankcurl, campaign(
        URL, victims=victims, organiser={"name": HOSTILE, "address": "nadia@example.test"},
        groups={"count": 1}, messages=[MESSAGE | {"subject": HOSTILE, "text": HOSTILE,
                                                  "headers": {"X-Mood": HOSTILE}}]))
    assert hostile.tags == plain.tags
    assert hostile.text.count(HOSTILE) >= 8
    raw = (campaign.folder / "e2e.preview.html").read_text(encoding="utf-8")
    body = re.sub(r"<pre.*?</pre>", "", raw.partition("<body")[2], flags=re.DOTALL)
    assert RIGHT_TO_LEFT not in re.sub(r"<bdi>.*?</bdi>|title=\"[^\"]*\"", "", body)


@pytest.mark.parametrize("html", [
    '</iframe><script>alert(1)</script>', '"><script>alert(1)</script><p a="', "&quot;>&amp;#34;>",
    "'></iframe>", "<!--", "<a<script>", '<p title="', "<b>'\"`&lt;</b>",
])
def test_no_html_breaks_out_of_its_frame(
    prankcurl: Prankcurl, campaign: CampaignFolder, html: str
) -> None:
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {"html": html}]))
    assert "script" not in page.tags and len(page.frames) == 1
    inside = re.sub("(</?)(script|iframe)>", r"\1template>", html)
    assert page.frames[0].endswith(f"</style>{inside}")
    assert "Files" not in page.text and page.text.rstrip().endswith("and runs nothing.")


def test_what_connects_before_it_asks_is_taken_out_of_the_frame(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    html = ("<p title='<'><LINK rel=preconnect href=x><link/><meta http-equiv=refresh><!-- > <base>"
            " --><iFrame src=x></iframe><object data=x></object><embed><links>")
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {"html": html}]))
    inner = Reader(page.frames[0])
    assert inner.tags == {"style", "p", "param", "template", "x-object", "links"}


def test_the_page_may_load_nothing(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    html = ("""<img src="https://tracker.example.com/a.png?who=1"><img src=//b.example/x.png>
            <td background='http://c.example'><p style="background:url( 'HTTPS://d.example/' )">
            <img alt="src=http://e.example" data-src="http://f.example/">""")
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {"html": html}]))
    policy = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
                      "base-uri 'none'; form-action 'none'"]
    assert "4 pictures are on other people's servers" in page.text
    for host in ("tracker.example.com", "b.example", "c.example"):
        assert f"picture%20from%20{host}%20-%20not%20loaded" in page.frames[0]
    for gone in ("a.png", "x.png", "http://c.example", "HTTPS:"):
        assert gone not in page.frames[0]
    assert 'alt="src=http://e.example" data-src="http://f.example/"' in page.frames[0]


def test_a_link_leads_nowhere_but_says_where_to(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    html = """<a href="https://example.com/?a=1">x</a><a class=b href = 'mailto:x@example.test'>
              <a href="#top">y</a><p title="href=x">href=x"""
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {"html": html}]))
    assert page.frames[0].endswith(html.replace("https:", "#https:").replace("mailto:", "#mailto:"))


def test_pictures_and_attachments(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    logo, photo = png(20), png(21)
    for name, content in (("logo.png", logo), ("photo.png", photo), ("a.pdf", b"%PDF-1.4\n")):
        (campaign.folder / name).write_bytes(content)
    html = ("<img src='cid:logo'><p style='background: url(cid:logo)'>cid:logo</p><img src=cid:lo%67o>"
            "<img src=\"cid:logo2\"><style>p { background: url(\"CID:logo\") }</style>")
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {
        "html": html, "inline": {"logo": "logo.png"}, "attachments": ["photo.png", "a.pdf"]}]))
    url = data_url(logo)
    assert page.frames[0].endswith(
        f"<img src='{url}'><p style='background: url({url})'>cid:logo</p><img src={url}>"
        f"<img src=\"cid:logo2\"><style>p {{ background: url(\"{url}\") }}</style>")
    assert [image["src"] for image in page.all("img")] == [data_url(photo)]
    for words in (f"logo.png image/png, {len(logo)} bytes, within the html",
                  f"photo.png image/png, {len(photo)} bytes", "a.pdf application/pdf, 9 bytes"):
        assert words in page.text


def test_a_large_picture_is_not_in_every_prank(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    (campaign.folder / "logo.png").write_bytes(png(850, noise=True))  # 2.9 MB as base64
    message = MESSAGE | {"html": "<img src=cid:logo>", "inline": {"logo": "logo.png"}}
    path = campaign(URL, messages=[message], **many_groups(40))
    page = preview(prankcurl, path)
    assert path.with_suffix(".preview.html").stat().st_size < 13_000_000
    shown = ["data:image/png" in frame for frame in page.frames]
    assert shown == [True] * 3 + [False] * 37, "the first, and again while there is room"
    assert all("left%20out" in frame for frame in page.frames[3:])
    assert "37 pictures were left out" in page.text
    assert "--limit" in prankcurl("preview", path).expect(0).complaint
    assert prankcurl("preview", "-q", path).expect(0).stderr == ""


def test_a_plan_of_many_pranks_is_shown_in_part(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL, **many_groups(1003))
    assert len(preview(prankcurl, path).all("article")) == 1000
    told = prankcurl("preview", path).expect(0).complaint
    assert "first 1000 of 1003 pranks" in told and "--limit" in told
    page = preview(prankcurl, path, "--limit", "1002")
    assert len(page.all("article")) == 1002


def test_an_invitation_is_shown_as_a_card(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    page = preview(prankcurl, campaign(URL, messages=[MESSAGE | {"invitation": EVENT}]))
    card = page.text.partition("Invitation")[2].partition("As plain text")[0]
    for words in ("Adam broke the coffee machine", "2027-04-01 08:00 UTC", "2027-04-01 08:30 UTC",
                  "Room <4>, left; right"):
        assert words in card


def test_a_message_that_can_not_be_composed_makes_no_page(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL, messages=[MESSAGE | {"html": "{{author.desk}}"}])
    told = prankcurl("preview", path).expect(65)
    assert told.stdout == b"" and re.match(r"\S+e2e.json:\d+:\d+: .*author\.desk", told.complaint)
    assert not list(campaign.folder.glob("*.html*"))


@pytest.mark.parametrize("content", ["", "<!DOCTYPE html>\n<html>mine</html>", "my notes"])
def test_a_file_of_others_stays(
    prankcurl: Prankcurl, campaign: CampaignFolder, content: str
) -> None:
    path = campaign(URL)
    there = path.with_suffix(".preview.html")
    there.write_text(content)
    told = prankcurl("preview", path).expect(73)
    assert f'"{there}" is there and is no page' in told.complaint and told.stdout == b""
    assert there.read_text() == content
    assert list(campaign.folder.glob("*.html*")) == [there]


def test_neither_the_campaign_nor_a_link_nor_a_folder_is_overwritten(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL)
    before = path.read_bytes()
    ours = campaign.folder / "ours.html"
    prankcurl("preview", "-o", ours, path).expect(0)
    (campaign.folder / "link.html").symlink_to(ours)
    (campaign.folder / "folder").mkdir()
    for place in (path, campaign.folder / "link.html", campaign.folder / "folder", "/dev/null"):
        prankcurl("preview", "-o", place, path).expect(73)
    assert path.read_bytes() == before and (campaign.folder / "link.html").is_symlink()


def test_the_page_goes_where_it_is_told_to_and_replaces_an_older_one(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL, **two_groups())
    place = campaign.folder / "a page.html"
    assert prankcurl("preview", "-o", place, "-g", "one", path).expect(0).stdout == f"{place}\n".encode()
    first = place.read_bytes()
    prankcurl("preview", "-o", place, path).expect(0)
    assert len(place.read_bytes()) > len(first)
    assert place.stat().st_mode & 0o777 == 0o600, "what is in it is to be a surprise"
    told = prankcurl("preview", "-o", campaign.folder / "nowhere/page.html", path).expect(73)
    assert "No such file or directory" in told.complaint


def test_a_full_disk_is_told_and_leaves_the_older_page(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    path = campaign(URL, **many_groups(20))
    place = path.with_suffix(".preview.html")
    prankcurl("preview", "-l", "1", path).expect(0)
    before = place.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), len(before)))

    with prankcurl.start("preview", path, before_exec=limit) as running:
        done = running.finish().expect(74)
    assert "File too large" in done.complaint and done.stdout == b""
    assert place.read_bytes() == before
    assert list(campaign.folder.glob("*.html*")) == [place]


def test_ctrl_c_leaves_no_half_page(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    def interrupted() -> None:
        """It comes before the first prank is written: pending from the beginning."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        os.kill(os.getpid(), signal.SIGINT)

    with prankcurl.start("preview", campaign(URL), before_exec=interrupted) as running:
        running.finish().expect(130)
    assert not list(campaign.folder.glob("*.html*"))


@pytest.mark.parametrize("words", [
    ["--dry-run"], ["--format", "json"], ["--json"], ["--yes"], ["--new-run"], ["--output", ""],
])
def test_options_of_other_commands_are_refused(
    prankcurl: Prankcurl, campaign: CampaignFolder, words: list[Any]
) -> None:
    path = campaign(URL)
    prankcurl("preview", *words, path).expect(64)
    assert not list(campaign.folder.glob("*.html*"))
