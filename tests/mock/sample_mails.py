"""Messages of every kind, good and broken, as they go over the wire."""

from __future__ import annotations

import base64
from email import policy
from email.message import EmailMessage

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = '<p>Grüße <img src="cid:logo@x.test"> <img src="http://evil.test/a.png"></p>\r\n'


def rich() -> bytes:
    """multipart/mixed with text and html, a picture in the html, and a file with a Japanese name."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "Zoé Müller <zoe@x.test>"
    message["To"] = "Tom <tom@x.test>"
    message["Subject"] = "Wer hat die Kaffeemaschine zerstört?"
    message.set_content("Grüße\n", cte="quoted-printable")
    message.add_alternative(HTML, subtype="html", cte="base64")
    html = message.get_payload()[1]
    html.add_related(PNG, "image", "png", cid="<logo@x.test>", filename="logo.png",
                     disposition="inline")
    message.add_attachment(
        "1,2\n日本,3\n".encode(), "text", "csv", filename="日本語のファイル.csv", params={"charset": "utf-8"}
    )
    message.add_attachment(bytes(range(256)), "application", "octet-stream", filename='a "b"\\c.bin')
    return message.as_bytes()


def text_in(charset: str, encoding: str, text: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = text
    message.set_content(text + "\n", charset=charset, cte=encoding)
    return message.as_bytes()


def forwarded() -> bytes:
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = "inner"
    inner.set_content("inner text\n")
    inner.add_attachment(PNG, "image", "png", filename="inner.png")
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = "outer"
    message.set_content("outer text\n")
    message.add_attachment(inner)
    return message.as_bytes()


def nested(depth: int) -> bytes:
    """Multiparts in multiparts, and a text in the innermost."""
    lines = ["Subject: nested"]
    for n in range(depth):
        lines += [f"Content-Type: multipart/mixed; boundary=b{n}", "", f"--b{n}"]
    lines += ["Content-Type: text/plain", "", "deep down"]
    lines += [f"--b{n}--" for n in reversed(range(depth))]
    return "\r\n".join([*lines, ""]).encode()


def many_fields(count: int) -> bytes:
    fields = "".join(f"X-Field-{n}: value {n}\r\n" for n in range(count))
    return f"Subject: many\r\n{fields}\r\ntext\r\n".encode()


def one_long_field(lines: int) -> bytes:
    return b"Subject: long\r\n" + b" and longer\r\n" * lines + b"\r\ntext\r\n"


# What Python's email and prankmock must read alike.
ALIKE: dict[str, bytes] = {
    "rich": rich(),
    "forwarded": forwarded(),
    "empty": b"",
    "only a line end": b"\r\n",
    "no body": b"Subject: one\r\n",
    "no body, but the line between": b"Subject: one\r\n\r\n",
    "no header": b"\r\ntext only\r\n",
    "no header, no line between": b"just a line\r\nand another\r\n",
    "latin-1": text_in("iso-8859-1", "8bit", "Grüße, Zoé"),
    "latin-1 qp": text_in("iso-8859-1", "quoted-printable", "Grüße, Zoé"),
    "windows-1252": text_in("windows-1252", "8bit", "„Grüße“ – 5 €"),
    "utf-8 base64": text_in("utf-8", "base64", "日本語 😀 ж"),
    "utf-8 8bit": text_in("utf-8", "8bit", "日本語 😀 ж"),
    "utf-16": b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
              + base64.b64encode("日本語 😀 ж\r\n".encode("utf-16")) + b"\r\n",
    "shift_jis": text_in("shift_jis", "base64", "いたずらの時間です"),
    "shift_jis 8bit": text_in("shift_jis", "8bit", "いたずらの時間です"),
    "iso-2022-jp": text_in("iso-2022-jp", "7bit", "いたずらの時間です"),
    "euc-jp": text_in("euc-jp", "8bit", "いたずらの時間です"),
    "gb18030": text_in("gb18030", "base64", "恶作剧"),
    "big5": text_in("big5", "base64", "惡作劇"),
    "koi8-r": text_in("koi8-r", "8bit", "Привет"),
    "nested 20 deep": nested(20),
    "nested 200 deep": nested(200),
    "10,000 fields": many_fields(10000),
    "a field of 10,000 lines": one_long_field(10000),
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.a\r\na.\r\n.\r\n\r\n.\r\n",
    "html only": b"Subject: h\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>caf\xc3\xa9</b>\r\n",
    "long qp lines": b"Content-Transfer-Encoding: quoted-printable\r\n\r\na=\r\nb=20=3D=\r\n=\r\nc \r\n",
    "attachment only": b"Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n"
                       b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n",
    "preamble and epilogue": b"Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n--x\r\n\r\none\r\n"
                             b"--x--\r\nepilogue\r\n",
    "quoted boundary": b'Content-Type: multipart/mixed; boundary="a b:c"\r\n\r\n--a b:c\r\n\r\none\r\n--a b:c--\r\n',
    "empty parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x\r\n\r\n\r\n--x--\r\n",
    "broken base64": b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\nZGVm\r\n",
}

# What they may read as they like, without anything breaking.
BROKEN: dict[str, bytes] = {
    "no closing boundary": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x\r\n"
                           b"Content-Type: text/html\r\n\r\n<b>two</b>\r\n",
    "NUL bytes": b"Subject: a\0b\r\nFrom: \0@x\r\n\r\nbefore\0after\r\n\0\r\n",
    "bytes that are no UTF-8": b"Subject: \xff\xfe caf\xe9\r\nFrom: Zo\xe9 <z@x>\r\n\r\n\xff\xfe caf\xe9 \xc3\r\n",
    "every byte": b"Subject: " + bytes(b for b in range(256) if b not in b"\r\n") + b"\r\n\r\n"
                  + bytes(b for b in range(256) if b not in b"\r\n") + b"\r\n",
    "overlong and surrogate UTF-8": b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xc0\xaf \xed\xa0\x80 \xf8\x88\x80\x80\x80\r\n",
    "unknown charset": b"Content-Type: text/plain; charset=nonsense\r\n\r\ncaf\xe9\r\n",
    "hostile charset": b"Content-Type: text/plain; charset=\"../../x\"\r\n\r\ncaf\xe9\r\n",
    "unknown encoding": b"Content-Transfer-Encoding: nonsense\r\n\r\ntext\r\n",
    "cut-off base64": b"Content-Transfer-Encoding: base64\r\n\r\nYWJ\r\n",
    "no base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!! \xff\0 ====\r\n",
    "bad qp": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ = =\r\n=4\r\n=\r\n",
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\n",
    "a boundary that never comes": b"Content-Type: multipart/mixed; boundary=x\r\n\r\ntext\r\n",
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ntext\r\n--x--\r\n",
    "an empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\ntext\r\n----\r\n',
    "a boundary within itself": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
                                b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x--\r\n",
    "a long boundary": b"Content-Type: multipart/mixed; boundary=" + b"x" * 5000 + b"\r\n\r\n--" + b"x" * 5000
                       + b"\r\n\r\ntext\r\n",
    "bad type": b"Content-Type: ;;;=\"\r\n\r\ntext\r\n",
    "no subtype": b"Content-Type: text\r\n\r\ntext\r\n",
    "an unclosed quote": b"Content-Type: text/plain; name=\"abc\r\nContent-Disposition: attachment; filename=\"x\r\n\r\n",
    "half an RFC 2231 name": b"Content-Disposition: attachment; filename*1*=b; filename*0*=utf-8''%E6%97%A; filename*=%%%\r\n\r\n",
    "broken encoded words": b"Subject: =?utf-8?q?=C3?= =?nonsense?b?!!!?= =?utf-8?x?a?= =?utf-8?b?/w==?= =?=\r\n\r\n",
    "control characters encoded": b"Subject: =?utf-8?q?a=00b=0D=0Ac=1B[31m?=\r\nFrom: =?utf-8?q?=00=0A?= <a@x>\r\n\r\n",
    "bad addresses": b"From: @@@ <<>> , ; :\r\nTo: <a@b\r\nCc: \"unclosed\r\nSender: ,\r\n\r\n",
    "bad dates": b"Date: Thu, 99 Foo 99999999999 99:99:99 +9999\r\n\r\n",
    "dates beyond all time": b"Date: Fri, 31 Dec 9999 23:59:59 -1200\r\n\r\n",
    "a line without a colon": b"Subject: one\r\nno colon here\r\nTo: a@x.test\r\n\r\ntext\r\n",
    "an mbox line": b"From a@x.test Thu Apr  1 08:00:00 2027\r\nSubject: one\r\n\r\ntext\r\n",
    "a blank first": b" folded\r\nSubject: one\r\n\r\ntext\r\n",
    "empty names": b": a\r\n:\r\nSubject: one\r\n\r\n",
    "many of the same": b"Subject: one\r\nSubject: two\r\nFrom: a@x\r\nFrom: b@x\r\nDate: x\r\nDate: y\r\n\r\n",
    "a line of a megabyte": b"Subject: one\r\n\r\n" + b"x" * (1 << 20) + b"\r\n",
    "a field of a megabyte": b"Subject: " + b"x" * (1 << 20) + b"\r\n\r\n",
    "ten thousand addresses": b"To: " + b",\r\n ".join(b"a%d@x.test" % n for n in range(10000)) + b"\r\n\r\n",
    "nested groups": b"To: a:b:c:d@x;;;\r\n\r\n",
    "a thousand parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 1000,
    "nested 2,000 deep": nested(2000),
    "forwarded 100 deep": b"Content-Type: message/rfc822\r\n\r\n" * 100 + b"text\r\n",
    "message/partial": b"Content-Type: message/partial; id=a; number=1; total=2\r\n\r\nSubject: x\r\n\r\ntext\r\n",
    "message/external-body": b"Content-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"\r\n\r\n"
                             b"Content-Type: text/plain\r\n\r\n",
    "delivery status": b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nno\r\n"
                       b"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
                       b"Final-Recipient: rfc822; a@x\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n",
    "signed": b"Content-Type: multipart/signed; boundary=x; protocol=\"application/pgp-signature\"; micalg=pgp-sha1"
              b"\r\n\r\n--x\r\n\r\ntext\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\nnot one\r\n--x--\r\n",
    "encrypted": b"Content-Type: multipart/encrypted; boundary=x; protocol=\"application/pgp-encrypted\"\r\n\r\n--x\r\n"
                 b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\n\r\nx\r\n--x--\r\n",
    "yenc and bells": b"Subject: \a\x1b]0;title\a\r\n\r\n\x1b[2J\a\x08\x7f\r\n",
}
