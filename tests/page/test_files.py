"""The files of the page are in the program."""

from __future__ import annotations

from urllib.request import urlopen

from prankmock import REPOSITORY, Prankmock

TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
}


def test_every_file_is_served_as_what_it_is(prankmock: Prankmock) -> None:
    """A new file must be named in src/mock/CMakeLists.txt."""
    files = sorted((REPOSITORY / "src/mock/web").iterdir())
    assert files
    for file in files:
        path = "" if file.name == "index.html" else file.name
        with urlopen(prankmock.page + path) as answer:
            assert answer.headers.get_content_type() == TYPES[file.suffix], file.name
            assert answer.read() == file.read_bytes(), f"{file.name}: the program has an older one"
