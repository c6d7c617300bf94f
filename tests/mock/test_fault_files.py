"""Rules that are wrong: told with their place, all at once, and not taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import StartMock
from mock import Mock, run_mock
from raw_client import RawClient, greeted

NO_STEP = (
    "is no step; connect, ehlo, starttls, auth, mail, rcpt, data, body, final or quit is expected"
)
NOTHING = (
    "does not say what happens; reply, delay, drip, garbage, long, then or stored is expected"
)
NO_REPLY = (
    "is no SMTP reply; three digits from 200 to 599, a blank and a text are expected, as "
    '"451 4.7.1 try again later"'
)
NO_TIME = "is no duration; 500ms, 30s, 1m or 2h is expected"
NO_THEN = 'is none of "close", "reset" and "hang"'
ONLY_FINAL = 'is for the step "final" only, where a message is complete'
EMPTY = 'is empty; an address or a pattern such as "tom@*" is expected'
KNOWN = (
    "known are step, sender, recipient, connection, message, attempt, after_messages, times, reply, "
    "delay, drip, garbage, long, then, stored"
)


def number(least: int) -> str:
    return f"a whole number from {least} to 9007199254740992 is expected"


# A list of rules, and what is told of it: line:column: pointer: what is wrong.
WRONG: list[tuple[str | bytes, list[str]]] = [
    # No list of rules at all
    ("", ["1:1: the file is empty; a list of rules is expected"]),
    ("   \n ", ["2:2: the file is empty; a list of rules is expected"]),
    ("{}", ["1:1: the list of rules is an object; a list is expected"]),
    ('"x"', ["1:1: the list of rules is a string; a list is expected"]),
    ("null", ["1:1: the list of rules is null; a list is expected"]),
    ("[null]", ["1:2: [0]: is null; an object is expected"]),
    ("[1]", ["1:2: [0]: is a number; an object is expected"]),
    ("[[]]", ["1:2: [0]: is a list; an object is expected"]),
    (json.dumps([{"step": "mail", "delay": "1s"}] * 1001),
     ["1:1: the list of rules has 1001 rules; 1000 are the limit"]),
    # Where
    ("[{}]", ['1:2: [0]: has no "step", which is required', f"1:2: [0]: {NOTHING}"]),
    ('[{"reply":"451 x"}]', ['1:2: [0]: has no "step", which is required']),
    ('[{"step":"rctp","reply":"451 x"}]', [f"1:10: [0].step: {NO_STEP}"]),
    ('[{"step":"MAIL","reply":"451 x"}]', [f"1:10: [0].step: {NO_STEP}"]),
    ('[{"step":"","reply":"451 x"}]', [f"1:10: [0].step: {NO_STEP}"]),
    ('[{"step":1,"reply":"451 x"}]', ["1:10: [0].step: is a number; a string is expected"]),
    ('[{"step":null,"reply":"451 x"}]', ["1:10: [0].step: is null; a string is expected"]),
    # A wrong step is one error, not one for each field that depends on it.
    ('[{"step":"foo","sender":"a","message":1,"stored":true}]', [f"1:10: [0].step: {NO_STEP}"]),
    ('[{"sender":"a","recipient":"x","stored":true}]',
     ['1:2: [0]: has no "step", which is required']),
    # For whom
    ('[{"step":"connect","sender":"a","reply":"451 x"}]',
     ['1:29: [0].sender: is not known yet at this step; from "mail" on it is']),
    ('[{"reply":"451 x","sender":"a","step":"auth"}]',
     ['1:28: [0].sender: is not known yet at this step; from "mail" on it is']),
    ('[{"step":"mail","recipient":"a","reply":"451 x"}]',
     ['1:29: [0].recipient: is not known yet at this step; from "rcpt" on it is']),
    ('[{"step":"ehlo","message":1,"reply":"451 x"}]',
     ['1:27: [0].message: is not begun yet at this step; from "mail" on it is']),
    ('[{"step":"rcpt","recipient":"","reply":"451 x"}]', [f"1:29: [0].recipient: {EMPTY}"]),
    ('[{"step":"mail","sender":"  ","reply":"451 x"}]', [f"1:26: [0].sender: {EMPTY}"]),
    ('[{"step":"mail","sender":["a"],"reply":"451 x"}]',
     ["1:26: [0].sender: is a list; a string is expected"]),
    ('[{"step":"mail","sender":"a\\nb","reply":"451 x"}]',
     ['1:26: [0].sender: holds a line feed (U+000A); an address or a pattern such as "tom@*" is one '
      "line without control characters"]),
    ('[{"step":"mail","connection":0,"reply":"451 x"}]', [f"1:30: [0].connection: is 0; {number(1)}"]),
    ('[{"step":"mail","connection":-1,"reply":"451 x"}]',
     [f"1:30: [0].connection: is -1; {number(1)}"]),
    ('[{"step":"mail","message":1.5,"reply":"451 x"}]', [f"1:27: [0].message: is 1.5; {number(1)}"]),
    ('[{"step":"mail","message":"1","reply":"451 x"}]',
     ["1:27: [0].message: is a string; a number is expected"]),
    ('[{"step":"mail","attempt":0,"reply":"451 x"}]', [f"1:27: [0].attempt: is 0; {number(1)}"]),
    ('[{"step":"mail","after_messages":-1,"reply":"451 x"}]',
     [f"1:34: [0].after_messages: is -1; {number(0)}"]),
    ('[{"step":"mail","after_messages":9007199254740994,"reply":"451 x"}]',
     [f"1:34: [0].after_messages: is 9007199254740994; {number(0)}"]),
    # How often
    ('[{"step":"mail","times":0,"reply":"451 x"}]', [f"1:25: [0].times: is 0; {number(1)}"]),
    ('[{"step":"mail","times":1e300,"reply":"451 x"}]', [f"1:25: [0].times: is 1e300; {number(1)}"]),
    ('[{"step":"mail","times":true,"reply":"451 x"}]',
     ["1:25: [0].times: is true or false; a number is expected"]),
    # What
    ('[{"step":"mail"}]', [f"1:2: [0]: {NOTHING}"]),
    ('[{"step":"mail","times":2}]', [f"1:2: [0]: {NOTHING}"]),
    ('[{"step":"mail","reply":451}]', ["1:25: [0].reply: is a number; a string is expected"]),
    ('[{"step":"mail","reply":""}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451-x"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"199 x"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"600 x"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"4510 x"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":" 451 x"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451 a\\r\\n250 b"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451 \\u0007"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451 \\u0085"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","reply":"451 ' + "x" * 2000 + '"}]', [f"1:25: [0].reply: {NO_REPLY}"]),
    ('[{"step":"mail","delay":"0s"}]', [f"1:25: [0].delay: {NO_TIME}"]),
    ('[{"step":"mail","delay":"5"}]', [f"1:25: [0].delay: {NO_TIME}"]),
    ('[{"step":"mail","delay":"1.5s"}]', [f"1:25: [0].delay: {NO_TIME}"]),
    ('[{"step":"mail","delay":"1 s"}]', [f"1:25: [0].delay: {NO_TIME}"]),
    ('[{"step":"mail","delay":"123456789s"}]', [f"1:25: [0].delay: {NO_TIME}"]),
    ('[{"step":"mail","delay":5}]', ["1:25: [0].delay: is a number; a string is expected"]),
    ('[{"step":"mail","drip":"1d"}]', [f"1:24: [0].drip: {NO_TIME}"]),
    ('[{"step":"mail","drip":""}]', [f"1:24: [0].drip: {NO_TIME}"]),
    ('[{"step":"mail","garbage":"yes"}]',
     ["1:27: [0].garbage: is a string; true or false is expected"]),
    ('[{"step":"mail","garbage":true,"reply":"451 x"}]',
     ["1:27: [0].garbage: does not go with a reply; keep one of them"]),
    ('[{"step":"mail","garbage":true,"long":true}]',
     ["1:39: [0].long: does not go with garbage; keep one of them"]),
    ('[{"step":"mail","long":1}]', ["1:24: [0].long: is a number; true or false is expected"]),
    ('[{"step":"body","drip":"1s"}]', [f"1:2: [0]: {NOTHING}"]),
    ('[{"step":"body","long":true}]',
     ['1:24: [0].long: needs a reply here, since nothing is said at "body"']),
    ('[{"step":"mail","then":"die"}]', [f"1:24: [0].then: {NO_THEN}"]),
    ('[{"step":"mail","then":"Close"}]', [f"1:24: [0].then: {NO_THEN}"]),
    ('[{"step":"mail","then":true}]', ["1:24: [0].then: is true or false; a string is expected"]),
    ('[{"step":"mail","stored":true}]', [f"1:26: [0].stored: {ONLY_FINAL}"]),
    ('[{"step":"quit","stored":false}]', [f"1:26: [0].stored: {ONLY_FINAL}"]),
    ('[{"step":"final","stored":"yes"}]',
     ["1:27: [0].stored: is a string; true or false is expected"]),
    # Keys
    ('[{"step":"mail","delay":"1s","replay":"451 x"}]',
     [f'1:30: [0].replay: this key is not known here; did you mean "reply"? {KNOWN}']),
    ('[{"step":"mail","delay":"1s","fired":0}]',
     [f"1:30: [0].fired: this key is not known here; {KNOWN}"]),
    ('[{"step":"mail","step":"rcpt","reply":"451 x"}]',
     ["1:17: [0].step: this key was already given at line 1, column 3; keep one of them"]),
    # JSON
    ('[{"step":"mail","delay":"1s",}]',
     ["1:29: [0]: a comma stands before the closing '}'; take it out"]),
    ('[{"step":"mail","delay":"1s"},]',
     ["1:30: a comma stands before the closing ']'; take it out"]),
    ('[{"step":"mail","delay":"1s"}', ["1:30: ',' or ']' is expected, found the end of the file"]),
    ('[{"step":"mail","reply":"451 x}]', ['1:25: [0].reply: this string is not closed by a "']),
    ('[{"step":"mail" "delay":"1s"}]', ["1:17: [0]: ',' or '}' is expected, found '\"'"]),
    ("[{'step':'mail'}]",
     ["1:3: [0]: a key in double quotes is expected, found ''' (strings stand in double quotes)"]),
    ("[] // nothing", ["1:4: the list of rules has ended, but '/' follows"]),
    ("[] []", ["1:4: the list of rules has ended, but '[' follows"]),
    ('[{step:"mail"}]', ["1:3: [0]: a key in double quotes is expected, found 's'"]),
    ('[{"step":"mail","garbage":True}]',
     ["1:27: [0].garbage: a word without quotes is no JSON value; a string stands in double quotes, "
      "and true, false, null are lower case"]),
    ('[{"step":"mail","times":01,"delay":"1s"}]',
     ["1:25: [0].times: this number begins with a 0; write it without"]),
    ("[" * 40 + "]" * 40, [f"1:33: {'[0]' * 32}: values are nested more than 32 deep"]),
    ('[{"step":"mail","reply":"451 é\t"}]',
     ["1:31: [0].reply: a raw tab stands in a string; write \\t"]),
    ('[{"step":"mail","reply":"451 \\u0000"}]',
     ["1:30: [0].reply: \\u0000 (NUL) can't be in any text of a list of rules"]),
    ('[{"step":"mail","reply":"451 \\ud800"}]',
     ["1:30: [0].reply: \\ud800 is half a character (a lone surrogate); write the character itself"]),
    ("\ufeff[]",
     ["1:1: the file begins with a byte order mark; save it as UTF-8 without one"]),
    (b"\xff\xfe[\0]\0", ["1:1: the file is UTF-16; save it as UTF-8"]),
    (b'[{"step":"mail","reply":"451 \xff"}]',
     ["1:30: [0].reply: byte 0xff is not UTF-8; save the file as UTF-8"]),
    (b"[]\0", ["1:3: the list of rules has ended, but a raw NUL follows"]),
    # All at once, in the order of the file
    ('[\n  {"step": "mail", "sender": "zoé@x", "reply": "9", "then": "go"},\n\t{"step": "x"},\n'
     '{"step": "final", "stored": 1, "times": 0, "dely": "1s"}\n]', [
         f"2:48: [0].reply: {NO_REPLY}",
         f"2:61: [0].then: {NO_THEN}",
         f"3:2: [1]: {NOTHING}",
         f"3:11: [1].step: {NO_STEP}",
         "4:29: [2].stored: is a number; true or false is expected",
         f"4:41: [2].times: is 0; {number(1)}",
         f'4:44: [2].dely: this key is not known here; did you mean "delay"? {KNOWN}',
     ]),
]


def as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def ids() -> list[str]:
    return [repr(text)[:60] for text, _ in WRONG]


@pytest.fixture(scope="module")
def strict_mock(shared_mock: Mock) -> Mock:
    """It is told much nonsense, and keeps its one rule."""
    shared_mock.set_faults([RULE])
    return shared_mock


RULE: dict[str, Any] = {"step": "mail", "reply": "452 4.3.1 as ever"}


def line_of(error: dict[str, Any]) -> str:
    place = f"{error['line']}:{error['column']}: "
    return place + (f"{error['pointer']}: " if error["pointer"] else "") + error["message"]


@pytest.mark.parametrize("text, told", WRONG, ids=ids())
def test_wrong_rules_in_a_file(
    mock_binary: Path, tmp_path: Path, text: str | bytes, told: list[str]
) -> None:
    """Nothing is begun: exit code 65, and every error with its place on stderr."""
    file = tmp_path / "rules.json"
    file.write_bytes(as_bytes(text))
    run = run_mock(mock_binary, tmp_path, "--faults", file)
    assert run.stderr.splitlines() == [f"{file}:{line}" for line in told]
    assert (run.returncode, run.stdout) == (65, "")


@pytest.mark.parametrize("text, told", WRONG, ids=ids())
def test_wrong_rules_by_put(strict_mock: Mock, text: str | bytes, told: list[str]) -> None:
    """The same errors as in a file, and the rules before stay in force."""
    answer = strict_mock.request("PUT", "/api/faults", as_bytes(text)).expect(400).json
    assert [line_of(error) for error in answer["errors"]] == told
    if len(told) == 1:
        assert answer["errors"][0]["message"] in answer["error"]
    assert strict_mock.get("/api/faults").json["rules"][0] | {"fired": 0} == RULE | {"fired": 0}
    with greeted(strict_mock) as client:
        assert client.say("MAIL FROM:<a@x.test>") == b"452 4.3.1 as ever\r\n"


def test_a_wrong_put_does_not_start_counting_anew(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "times": 1, "reply": "451 4.3.0 once"}])
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<a@x.test>").code == 451
        mock.request("PUT", "/api/faults", "[{}]").expect(400)
        assert client.say("MAIL FROM:<a@x.test>").code == 250
    assert mock.get("/api/faults").json["rules"][0]["fired"] == 1


def test_more_errors_than_are_told(mock_binary: Path, tmp_path: Path, mock: Mock) -> None:
    text = json.dumps([{"step": "x"}] * 1000)
    file = tmp_path / "rules.json"
    file.write_text(text)
    run = run_mock(mock_binary, tmp_path, "--faults", file)
    lines = run.stderr.splitlines()
    assert (run.returncode, len(lines)) == (65, 1001)
    assert lines[-1] == "prankmock: and 1000 more errors"
    answer = mock.request("PUT", "/api/faults", text).expect(400).json
    assert len(answer["errors"]) == 1000


@pytest.mark.parametrize("name", ["missing.json", "folder", "file/below.json"])
def test_no_file_of_rules(mock_binary: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("[]")
    run = run_mock(mock_binary, tmp_path, "--faults", tmp_path / name)
    assert (run.returncode, run.stdout) == (66, "")
    assert len(run.stderr.splitlines()) == 1
    assert str(tmp_path / name) in run.stderr


def test_a_file_that_is_too_large(mock_binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text("[]" + " " * (1 << 20))
    run = run_mock(mock_binary, tmp_path, "--faults", file)
    assert (run.returncode, len(run.stderr.splitlines())) == (65, 1)
    assert "1 MiB" in run.stderr


def test_a_good_file_is_in_force_from_the_start(start_mock: StartMock, tmp_path: Path) -> None:
    rules = [
        {"step": "connect", "connection": 2, "reply": "421 4.3.2 not the second"},
        {"step": "final", "message": 1, "stored": True, "then": "close"},
    ]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules, indent=4))
    mock = start_mock("--faults", file)
    with RawClient(mock) as client:
        client.go_to("final")
        assert client.rest() == b""
    with RawClient(mock) as client:
        assert client.rest() == b"421 4.3.2 not the second\r\n"
    assert mock.get("/api/faults").json["rules"] == [rule | {"fired": 1} for rule in rules]
    assert len(mock.messages()) == 1


def test_the_example_of_the_documentation_is_good(mock: Mock) -> None:
    text = (Path(__file__).parents[2] / "docs/faults.md").read_text("utf-8")
    rules = json.loads(text.partition("```json\n")[2].partition("```")[0])
    mock.set_faults(rules)
    assert len(mock.get("/api/faults").json["rules"]) == len(rules) > 0


EDGES = [
    "[]", " [ ] \r\n",
    '[{"step":"mail","reply":"200 "}]', '[{"step":"mail","reply":"599 x"}]',
    '[{"step":"mail","reply":"451 ' + "x" * 1996 + '"}]',
    '[{"step":"mail","delay":"99999999h"}]', '[{"step":"mail","drip":"1ms","delay":"1m"}]',
    '[{"step":"mail","times":9007199254740992,"delay":"1s"}]',
    '[{"step":"mail","times":1e2,"delay":"1s"}]',
    '[{"step":"mail","garbage":false,"reply":"451 x","long":true}]',
    '[{"step":"body","long":true,"reply":"451 x"}]',
    '[{"step":"mail","sender":"","long":false}]',
    '[{"st\\u0065p":"quit","then":"hang"}]',
]


@pytest.mark.parametrize("text", EDGES, ids=[repr(text)[:60] for text in EDGES])
def test_rules_that_are_just_right(mock: Mock, text: str) -> None:
    answer = mock.request("PUT", "/api/faults", text).expect(200).json
    assert [rule | {"fired": 0} for rule in json.loads(text)] == answer["rules"]
