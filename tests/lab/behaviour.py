"""What a relay does to the requests that pass it: deciding only, no effects."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tests.lab import clock_shift
from tests.lab.commands import LabError

_VERSION = re.compile(r"1\.\d\d")
_ASKED_VERSION = re.compile(r"^/v(\d+)\.(\d+)/")
_OLDEST = b"1.12"
_API_HEADER = re.compile(rb"(?mi)^(api-version: )1\.\d\d")
_API_FIELD = re.compile(rb'("ApiVersion":")1\.\d\d')
_API_LEAST_FIELD = re.compile(rb'("MinAPIVersion":")1\.\d\d')
_STREAMS = re.compile(r"/(attach|start|export|archive|build|get|load|session|grpc)\b")
"""Bytes of containers and images, in which nothing is changed."""
_LOGS = re.compile(r"/containers/[^/]+/logs\b")


class Fault(Enum):
    NONE = "none"
    ANSWER = "answer"
    """Answers with a status of its own; the engine hears nothing."""
    GARBAGE = "garbage"
    """Answers with something that is no HTTP."""
    HANG = "hang"
    """Takes every request and answers none; what streams stands still."""
    DROP = "drop"
    """Closes the connection without an answer."""
    CUT = "cut"
    """Lets the engine do it, and closes in the middle of its answer."""


@dataclass(frozen=True)
class Behaviour:
    fault: Fault = Fault.NONE
    only: str = ""
    """Regular expression of the requests ("POST /v1.41/…") that the fault meets."""
    status: int = 500
    body: bytes = b""
    """Of the answers of `ANSWER`."""
    cut_after: int = 0
    """Bytes of an answer that `CUT` lets through."""
    delay_seconds: float = 0
    """Before each request goes on to the engine."""
    api_version: str = ""
    """The newest that the engine is said to have."""
    clock_seconds: int = 0
    """How far the host's clock is ahead; negative: behind."""

    def __post_init__(self) -> None:
        if self.api_version and not _VERSION.fullmatch(self.api_version):
            raise LabError(
                f"API version: found {self.api_version!r}; it is one like 1.24"
            )
        if not 100 <= self.status <= 599:
            raise LabError(f"status: found {self.status}; HTTP has 100 to 599")

    def meets(self, method: str, target: str) -> bool:
        """Is it this request that the fault is for?"""
        if self.fault is Fault.NONE:
            return False
        return re.search(self.only, f"{method} {target}") is not None

    def refusal(self, target: str) -> bytes | None:
        """The answer of an engine that is older than the client wants, if it is."""
        asked = _ASKED_VERSION.match(target)
        if not self.api_version or asked is None:
            return None
        newest = tuple(int(part) for part in self.api_version.split("."))
        wanted = (int(asked[1]), int(asked[2]))
        if wanted <= newest:
            return None
        text = (
            f"client version {asked[1]}.{asked[2]} is too new. Maximum supported API "
            f"version is {self.api_version}"
        )
        return plain_answer(400, f'{{"message":"{text}"}}\n'.encode())

    def forwarded(self, head: bytes) -> bytes:
        """A request's head as the engine gets it.

        Each request has a connection of its own, so that none hides behind another.
        """
        lines = head.decode("latin-1").split("\r\n")
        method, target, protocol = lines[0].split(" ", 2)
        if self.clock_seconds:
            target = clock_shift.question(target, self.clock_seconds)
        lines[0] = f"{method} {target} {protocol}"
        if header(lines, "upgrade") is None:
            kept = [
                li for li in lines[1:-2] if not li.lower().startswith("connection:")
            ]
            lines = [lines[0], *kept, "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def changes(self, target: str) -> bool:
        """Is anything in the answer to be changed?"""
        if _STREAMS.search(target.partition("?")[0]):
            return False
        return bool(self.api_version or self.clock_seconds)

    def changed(self, lines: bytes, target: str) -> bytes:
        """Whole lines of an answer, as the client gets them; of the same length."""
        if self.api_version:
            version = self.api_version.encode()
            lines = _API_HEADER.sub(rb"\g<1>" + version, lines)
            lines = _API_FIELD.sub(rb"\g<1>" + version, lines)
            lines = _API_LEAST_FIELD.sub(rb"\g<1>" + _OLDEST, lines)
        if self.clock_seconds:
            is_log = _LOGS.search(target) is not None
            lines = clock_shift.answer(lines, self.clock_seconds, is_log=is_log)
        return lines

    def with_fault(
        self, fault: Fault, *, only: str = "", **details: object
    ) -> "Behaviour":
        """The same with this fault instead of the one it has."""
        plain = {"status": 500, "body": b"", "cut_after": 0}
        fields: dict[str, object] = {"fault": fault, "only": only, **plain, **details}
        return replace(self, **fields)  # type: ignore[arg-type]


def header(lines: Sequence[str], name: str) -> str | None:
    for line in lines[1:]:
        key, _, value = line.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return None


def plain_answer(status: int, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} Lab\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
