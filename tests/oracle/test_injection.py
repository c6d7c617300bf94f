"""No control character of a campaign, a file, an option or the environment gets anywhere raw.

Each place is tried with all of C0, DEL, C1, U+2028 and U+2029 as a JSON escape, and with a sample
of them raw. The campaign is refused, and that is said in clean lines; or what comes out is as safe
as if the character was not there.
"""

from __future__ import annotations

import base64
import quopri
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import program
import pytest
import readers
from injection_places import BODY_LEGITIMATE, CONTROLS, PLACES, SAMPLE, Place
from program import Result, run
from wire_rules import header_fields

REFUSED = {64, 65, 78}
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # a line may end with LF
FIELDS = ["cc", "content-transfer-encoding", "content-type", "date", "from", "message-id",
          "mime-version", "sender", "subject", "to", "x-prank-campaign"]
ENVELOPE = ("nadia@example.test", ["bela@example.test", "wim@example.test"])
LINE_STARTS = re.compile(r"prankcurl: |\S*/\S+?:\d+:\d+: |\S*/\S+?: ")


def check_clean(output: bytes, what: str) -> str:
    """As text, without a control character but for line ends."""
    text = output.decode("utf-8")
    found = FORBIDDEN.search(text)
    assert not found, f"{what} holds U+{ord(found[0]):04X}: {text!r}"
    return text


def check_refused(result: Result, codes: set[int]) -> None:
    assert result.code in codes, f"exit {result.code}: {result.err!r}"
    assert result.out == b"", f"printed, though refused: {result.out!r}"
    lines = check_clean(result.err, "stderr").splitlines()
    assert lines, "refused without a word"
    for line in lines:
        assert LINE_STARTS.match(line), f"a line on stderr that is none of ours: {line!r}"


def check_message(data: bytes) -> None:
    assert re.fullmatch(rb"(?:[\t -~]*\r\n)+", data), f"not plain lines: {data!r}"
    header = data.partition(b"\r\n\r\n")[0].decode("ascii")
    assert "\t" not in header
    names = sorted(name.lower() for name, _ in header_fields(header))
    assert names == FIELDS, f"fields {names}"
    for kind, word in re.findall(r"=\?UTF-8\?([BQ])\?(.*?)\?=", header):
        decoded = base64.b64decode(word) if kind == "B" else quopri.decodestring(word, header=True)
        assert b"\n" not in decoded and not FORBIDDEN.search(decoded.decode()), header


def check_printed(path: Path, control: int, body: str | None) -> None:
    """What is not refused: the same in every form, with nothing smuggled into it."""
    mbox = program.good("--dry-run", path)
    assert not re.search(rb"[^\t\n -~]", mbox)
    (data,) = readers.messages_of(mbox)
    check_message(data)
    bsmtp = program.good("--dry-run", "--format", "bsmtp", path)
    assert readers.batch_smtp(bsmtp) == [(*ENVELOPE, data)]
    assert program.good("--dry-run", "--format", "eml", path) == data
    for form in ("text", "json"):
        plan = check_clean(program.good("plan", "--format", form, path), f"plan in {form}")
        assert form == "json" or len(plan.splitlines()) == 6, f"lines more or fewer: {plan}"
        assert "evil.invalid" not in plan
    assert body and control in BODY_LEGITIMATE, f"U+{control:04X} was not refused: {data!r}"
    if body != "unused":
        seen = readers.by_python(data)
        shown = (chr(control) if control != 0x0D else "\n")
        expected = re.sub("\n+", "\n", f"x{shown}.{shown}RCPT TO:<mallory@evil.invalid>{shown}y\n")
        assert getattr(seen, body) == expected


def attempt(place: Place, folder: Path, control: int, raw: bool) -> None:
    path = place.write(folder, control, raw)
    result = run("--dry-run", "--format", "bsmtp", path)
    if result.code == 0:
        check_printed(path, control, place.body)
        return
    check_refused(result, REFUSED | {66} if place.names_file else REFUSED)
    if raw and control in SAMPLE:  # no command is laxer than another
        for words in (["plan"], ["check"], ["--dry-run", "-q", "-o", folder / "out"]):
            again = run(*words, path)
            assert (again.code, again.out, again.err) == (result.code, b"", result.err)
        assert not (folder / "out").exists()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_place(place: Place, tmp_path: Path) -> None:
    tries = [(control, False) for control in CONTROLS] + [(control, True) for control in SAMPLE]

    def fault(control: int, raw: bool) -> str | None:
        folder = tmp_path / f"{control:04x}{raw}"
        folder.mkdir()
        try:
            attempt(place, folder, control, raw)
        except AssertionError as wrong:
            return f"U+{control:04X}{' raw' if raw else ''}: {str(wrong)[:600]}"
        return None

    with ThreadPoolExecutor(2) as pool:
        faults = [one for one in pool.map(lambda pair: fault(*pair), tries) if one]
    if faults:
        pytest.fail(f"{len(faults)} of {len(tries)}\n" + "\n".join(faults[:4]), pytrace=False)


def test_it_is_the_character_that_is_refused(tmp_path: Path) -> None:
    """Without it the same places are good, but for those whose value is wrong anyhow."""
    for place in PLACES:
        result = run("--dry-run", place.fill(tmp_path, "", ""))
        assert (result.code == 0) == (not place.wrong_anyhow), (place.name, result)
        if result.code == 0:
            check_message(readers.messages_of(result.out)[0])
