"""docs/prankmock.openapi.yaml: what may be asked, and whether an answer is what it promises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker, RefResolver

from mock import REPOSITORY, Answer, Mock

METHODS = ("get", "put", "post", "delete", "patch", "options", "head")
Exercise = tuple[str, str, int]  # method, path as documented, status

_formats = FormatChecker(formats=())
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


@_formats.checks("date-time")
def _is_utc(value: object) -> bool:
    return not isinstance(value, str) or bool(_TIME.fullmatch(value))


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


class Contract:
    """The document, with its references followed."""

    def __init__(self) -> None:
        text = (REPOSITORY / "docs/prankmock.openapi.yaml").read_text("utf-8")
        self.document: dict[str, Any] = yaml.safe_load(text)
        self._resolver = RefResolver("", self.document)
        self._patterns = {
            path: re.compile(re.sub(r"\\\{\w+\\\}", "[0-9]+", re.escape(path)))
            for path in self.document["paths"]
        }

    def follow(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a `$ref` stands for, or the node itself."""
        return self._resolver.resolve(node["$ref"])[1] if "$ref" in node else node

    @property
    def operations(self) -> set[tuple[str, str]]:
        return {
            (method.upper(), path) for path, item in self.document["paths"].items()
            for method in item if method in METHODS
        }

    def operation(self, method: str, path: str) -> dict[str, Any]:
        return self.document["paths"][path][method.lower()]

    @property
    def statuses(self) -> set[Exercise]:
        return {
            (method, path, int(status)) for method, path in self.operations
            for status in self.operation(method, path)["responses"]
        }

    def parameters(self, method: str, path: str) -> dict[str, dict[str, Any]]:
        """The schema of each parameter behind the question mark."""
        found = map(self.follow, self.operation(method, path).get("parameters", []))
        return {one["name"]: one["schema"] for one in found if one["in"] == "query"}

    def schema(self, name: str) -> dict[str, Any]:
        return self.document["components"]["schemas"][name]

    def path_of(self, target: str) -> str:
        """The documented path of a request's target."""
        path = urlsplit(target).path
        for documented, pattern in self._patterns.items():
            if pattern.fullmatch(path):
                return documented
        raise AssertionError(f"{path} is not documented")

    def check(self, method: str, target: str, answer: Answer) -> Exercise:
        """Fails unless such an answer is documented; returns what was exercised."""
        path = self.path_of(target)
        responses = self.operation(method, path)["responses"]
        assert str(answer.status) in responses, f"{method} {path}: {answer.status} is not documented"
        self._check_content(self.follow(responses[str(answer.status)])["content"], answer)
        return method, path, answer.status

    def _check_content(self, content: dict[str, dict[str, Any]], answer: Answer) -> None:
        media = answer.headers.get_content_type()
        assert media in content or "*/*" in content, f"{media} is not documented"
        schema = content.get(media, {}).get("schema")
        if media == "application/json":
            self.validate(schema, answer.json)
        elif schema:
            self.validate(schema, answer.body.decode())

    def validate(self, schema: dict[str, Any] | None, value: Any) -> None:
        assert schema is not None
        Draft202012Validator(schema, self._resolver, _formats).validate(value)


class Api:
    """Calls whose answers are checked against the contract, and remembered."""

    def __init__(self, mock: Mock, contract: Contract) -> None:
        self.mock = mock
        self.contract = contract
        self.exercised: set[Exercise] = set()

    def request(
        self, method: str, target: str, body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = self.mock.request(method, target, body, headers)
        self.exercised.add(self.contract.check(method, target, answer))
        return answer

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", target, headers=headers)

    def delete(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("DELETE", target, headers=headers)
