"""What generated campaigns are made of: names, subjects and texts that go wrong easily."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

ASCII_WORDS = "the coffee machine is on fire again please bring marshmallows to desk 4.12".split()
SCRIPTS = [
    "Zoé Müller", "Łukasz Żak", "Анна Кузнецова", "Ελένη Παππά", "小林 さくら", "김 서연", "王小明",
    "נועה לוי", "محمد العربي", "ทดสอบ", "राधिका", "Թամարա", "ⴰⵎⴰⵣⵉⵖ", "𝓕𝓪𝓷𝓬𝔂", "Nguyễn Thị Ánh",
]
EMOJI = ["🎈", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇯🇵", "👍🏽", "❤️", "☕", "1️⃣", "🧑🏿‍🚀", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
COMBINING = ["e\u0301", "a\u0308\u0323", "Z\u0351\u0343\u036a\u0302", "\u0915\u094d\u0937\u093f",
             "n" + "\u0303" * 30, "\u1112\u1161\u11ab"]
ODD = ["\u00a0", "\u200b", "\u200f", "\u202e", "\u2066", "\ufeff", "\u3000", "\ufffd", "\U0010ffff",
       "\u00ad", "\u2003"]
LOOKALIKES = ["=?utf-8?q?x?=", "=?UTF-8?B?QmNj?=", "=?", "?=", "=?x?=",
              "=?iso-8859-1?Q?a=0D=0ABcc:_x?=", "=?utf-8?q?=0d=0aBcc:_mallory@evil.invalid?=",
              "a=?utf-8?q?b?=c", "=0D=0ABcc: x@y.invalid"]
PUNCTUATION = ['"', "'", ",", ";", ":", "\\", "(", ")", "<", ">", "[", "]", "@", ".", "`", "&",
               "%0d%0a", "\\r\\nBcc: x@y.invalid", '\\"', '"quoted"', "(comment)",
               "a, b <c@d.invalid>", "{{x}}", "}}", "{", "&#13;&#10;Bcc:", "<script>",
               "undisclosed: a@b.invalid;", "=", "_", "?", "~"]
PIECES = SCRIPTS + EMOJI + COMBINING + LOOKALIKES + PUNCTUATION + ASCII_WORDS

Make = Callable[[Random], str]


def code_point(random: Random) -> str:
    """Any character that may stand in a line: no controls, no surrogates."""
    while True:
        top = random.choice([0x7E, 0x24F, 0xFFFF, 0x10FFFF])
        c = random.randint(0x20, top)
        if not (0x7F <= c <= 0x9F or 0xD800 <= c <= 0xDFFF or c in (0x2028, 0x2029)):
            return chr(c)


def cut(text: str, max_bytes: int) -> str:
    """The longest beginning that fits, not cut inside a character."""
    return text.encode()[:max_bytes].decode(errors="ignore")


def mixed(random: Random, count: int, between: str = " ") -> str:
    return between.join(random.choice(PIECES) for _ in range(count))


def long_word(random: Random, pool: str, length: int) -> str:
    return "".join(random.choice(pool) for _ in range(length))


_NAMES: list[Make] = [
    lambda r: r.choice(SCRIPTS),
    lambda r: f"{r.choice(ASCII_WORDS)} {r.choice(ASCII_WORDS)}",
    lambda r: f"Tom {r.choice(PUNCTUATION)} O'Brien{r.choice(PUNCTUATION)}",
    lambda r: "Dr. J. R. \"Bob\" D\\obbs, Jr. (the 2nd)",
    lambda r: f"Zoé, {' '.join(r.choice(ASCII_WORDS) for _ in range(9))}{r.choice(PUNCTUATION)}",
    lambda r: r.choice(PUNCTUATION),
    lambda r: r.choice(LOOKALIKES),
    lambda r: f"{r.choice(ASCII_WORDS)} {r.choice(LOOKALIKES)}{r.choice(['', ' x', 'é'])}",
    lambda r: r.choice(EMOJI),
    lambda r: "".join(r.choice(EMOJI) for _ in range(r.randint(1, 9))),
    lambda r: "".join(r.choice(COMBINING) for _ in range(r.randint(1, 9))),
    lambda r: f"{r.choice(SCRIPTS)}{r.choice(ODD)}{r.choice(SCRIPTS)}",
    lambda r: r.choice(ODD) + r.choice(ASCII_WORDS) + r.choice(ODD),
    lambda r: code_point(r) if r.random() < 0.9 else "x",
    lambda r: "".join(code_point(r) for _ in range(r.randint(1, 60))),
    lambda r: mixed(r, r.randint(1, 6)),
    lambda r: mixed(r, r.randint(1, 30), r.choice(["", " ", "  ", ", "])),
    lambda r: long_word(r, "abcdefgh", r.randint(50, 255)),
    lambda r: long_word(r, 'ab"\\', r.randint(20, 255)),
    lambda r: " ".join(r.choice(ASCII_WORDS) for _ in range(50)),
    lambda r: long_word(r, "é", 127) + "x",
    lambda r: long_word(r, "🎈", 63) + "abc",
    lambda r: f" {r.choice(ASCII_WORDS)}  {r.choice(ASCII_WORDS)} ",
    lambda r: f" {r.choice(SCRIPTS)}  {r.choice(SCRIPTS)}  ",
    lambda r: "x" * r.randint(55, 80),
]


def name(random: Random) -> str:
    """A display name: 1 to 255 bytes, not blank."""
    made = cut(random.choice(_NAMES)(random), 255)
    return made if made.strip(" ") else "Blank"


_SUBJECTS: list[Make] = [
    lambda r: " ".join(r.choice(ASCII_WORDS) for _ in range(r.randint(1, 150))),
    lambda r: long_word(r, "abcXYZ019", r.randint(1, 900)),
    lambda r: long_word(r, "ab  ", r.randint(1, 300)),
    lambda r: f"  {mixed(r, 3)}   {mixed(r, 2)} ",
    lambda r: "x" * r.randint(60, 80),
    lambda r: " ".join("x" * r.randint(1, 80) for _ in range(r.randint(1, 10))),
    lambda r: mixed(r, r.randint(1, 90)),
    lambda r: mixed(r, r.randint(1, 60), ""),
    lambda r: "".join(r.choice(EMOJI) for _ in range(r.randint(1, 200))),
    lambda r: "".join(r.choice(COMBINING) for _ in range(r.randint(1, 100))),
    lambda r: "".join(code_point(r) for _ in range(r.randint(1, 900))),
    lambda r: code_point(r),
    lambda r: r.choice(LOOKALIKES),
    lambda r: " ".join(r.choice(LOOKALIKES) for _ in range(r.randint(1, 20))),
    lambda r: f"{mixed(r, 3)}{r.choice(ODD)}{mixed(r, 3)}{r.choice(ODD)}",
    lambda r: " ".join(r.choice(SCRIPTS) for _ in range(r.randint(1, 60))),
    lambda r: "é" * r.randint(1, 900),
    lambda r: "🎈" * r.randint(1, 900),
    lambda r: "a" + "\u0301" * r.randint(1, 600),
    lambda r: "Re: [list] " + mixed(r, 5) + " :" + "," * r.randint(0, 100),
]


def subject(random: Random) -> str:
    """1 to 900 characters on one line, not only white space."""
    made = random.choice(_SUBJECTS)(random)[:900]
    return made if made.strip() else "Blank"


def entropy(random: Random, length: int) -> str:
    return "".join(random.choice([code_point(random), "\n", "\t"]) for _ in range(length))


_TEXTS: list[Make] = [
    lambda r: "",
    lambda r: "x",
    lambda r: "\n" * r.randint(1, 20),
    lambda r: "\r\n" * r.randint(1, 5) + "\r\r\n\n\r",
    lambda r: "no final newline",
    lambda r: ".\n..\n...\n.x\n. \n.\t\n.",
    lambda r: "\n".join("." * n for n in range(80)) + "\n",
    lambda r: r.choice("x.-= \té") * 5000,
    lambda r: f"{'a' * 5000}\n.{'b ' * 2500}\n{'é' * 5000}\n",
    lambda r: "trailing \ntabs\t\nboth \t \n \n\t\nend ",
    lambda r: "\n".join("x" * n + r.choice(["", " ", "\t", "=", "é", "."]) for n in range(70, 82)),
    lambda r: "From me\nFrom \n>From me\n>>From x\n From y\nFrom: z\nFrom",
    lambda r: "é\n" + "From x" * r.randint(1, 40) + "\n" + ">From " * 30,
    lambda r: "\r\n".join(mixed(r, 4) for _ in range(12)),
    lambda r: "mac\rline\rends\r" + mixed(r, 3),
    lambda r: entropy(r, r.randint(1, 2000)),
    lambda r: "".join(code_point(r) for _ in range(r.randint(1, 3000))),
    lambda r: "--\n--=_\n--=_0_0\n=_\n--=_0123456789abcdef_0\n--=_0123456789abcdef_0--\n-- \nsig",
    lambda r: "--" + "=_" * r.randint(1, 60) + "\n" + "=3D=\n=\n==\n=20\n",
    lambda r: "Bcc: mallory@evil.invalid\n\n.\r\nMAIL FROM:<x@evil.invalid>\r\n",
    lambda r: "".join(chr(c) for c in range(0x80, 0xA0)) + "\u2028a\u2029b\ufeffc\ufffe\uffff",
    lambda r: "\ufeffmark in front",
    lambda r: mixed(r, r.randint(1, 300), r.choice([" ", "\n", "", "\t"])),
    lambda r: "\n".join(" ".join(r.choice(ASCII_WORDS) for _ in range(11)) for _ in range(20)),
    lambda r: "日本語の文章です。" * r.randint(1, 300),
]


def text(random: Random) -> str:
    return random.choice(_TEXTS)(random)


def html(random: Random) -> str:
    inside = random.choice(_TEXTS)(random)
    return random.choice(["<p>{}</p>", "<!DOCTYPE html>\n<html><body>\n{}\n</body></html>\n", "{}",
                          "<pre style='white-space: pre'>{}</pre>"]).replace("{}", inside)
