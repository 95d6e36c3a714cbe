"""Which engines may be worked on, and how often one is tried."""

from dataclasses import replace
from typing import cast

import pytest

from supervisor.app import engine_connecting
from supervisor.app.engine_access import Access
from supervisor.app.engine_connecting import Attempts, CannotConnect, connect
from supervisor.model.engine import CONNECTING, REFUSED
from supervisor.runtime.base import EngineInfo
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime

ACCESS = Access("u", "unix:///s", "bridge", "Auto", "")


class Answering(FakeRuntime):
    """An engine with an answer of the test's; notes that it is let go of."""

    def __init__(self, answer: object) -> None:
        super().__init__(FakeClock())
        self.answer = answer
        self.is_closed = False

    def info(self) -> EngineInfo:
        if isinstance(self.answer, Exception):
            raise self.answer
        return cast(EngineInfo, self.answer)

    def close(self) -> None:
        self.is_closed = True


def attempt(monkeypatch: pytest.MonkeyPatch, answer: object) -> CannotConnect:
    runtime = Answering(answer)
    monkeypatch.setattr(engine_connecting, "runtime_of", lambda *_: runtime)
    with pytest.raises(CannotConnect) as caught:
        connect("n1", ACCESS, "test")
    assert runtime.is_closed
    return caught.value


def test_an_engine_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it speaks, and what is needed."""
    old = replace(FakeRuntime(FakeClock()).info(), api_version="1.24", version="1.12")
    error = attempt(monkeypatch, old)

    assert error.phase == REFUSED
    assert str(error) == (
        "the engine (version 1.12) speaks API 1.24, and 1.41 is needed, which Docker "
        "20.10 and later speak"
    )


def test_what_is_no_docker_engine_is_said_to_be_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Something else may answer at that port."""
    error = attempt(monkeypatch, KeyError("ID"))

    assert error.phase == CONNECTING
    assert str(error) == "what answers there is no Docker engine"


def test_an_address_that_cannot_be_used_is_refused() -> None:
    """Trying again would not help."""
    with pytest.raises(CannotConnect) as caught:
        connect("n1", replace(ACCESS, endpoint="gopher://h"), "test")

    assert caught.value.phase == REFUSED


def test_another_way_is_tried_at_once() -> None:
    """A pause is for the way that has failed."""
    attempts = Attempts()
    error = CannotConnect(CONNECTING, "EngineUnavailable", "it is away")
    assert attempts.failed(error, ACCESS, 100) == 101
    assert attempts.failed(error, ACCESS, 101) == 103

    assert attempts.wait_until(ACCESS, 102) == 103
    assert attempts.wait_until(replace(ACCESS, endpoint="unix:///x"), 102) is None
    assert attempts.trouble == "it is away"
    attempts.succeeded()
    assert attempts.wait_until(ACCESS, 102) is None
    assert attempts.trouble == ""
