"""Which engines may be used, and how often one is tried."""

from dataclasses import replace

import pytest

from supervisor.engines.access import Access
from supervisor.engines.connecting import Attempts
from supervisor.engines.failure import CannotConnect, Failure
from supervisor.model.engine import CONNECTING, REFUSED
from supervisor.runtime.base import EngineInfo
from tests.unit.engines.keeping import AWAY, INFO, PaperEngine

ACCESS = Access("u", "unix:///s", "bridge", "Auto", "")


class Answers:
    """Opens engines that all give the same answer."""

    def __init__(self, answer: EngineInfo | Exception) -> None:
        self.answer = answer
        self.opened: list[PaperEngine] = []

    def open(self, _: Access) -> PaperEngine:
        self.opened.append(PaperEngine(self._info))
        return self.opened[-1]

    def _info(self) -> EngineInfo:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refusal(attempts: Attempts, access: Access = ACCESS) -> Failure:
    with pytest.raises(CannotConnect) as caught:
        attempts.connect(access)
    return caught.value.failure


def test_an_engine_that_is_too_old_is_refused() -> None:
    """The text contains its API version and the required one; it is closed."""
    answers = Answers(replace(INFO, api_version="1.24", version="1.12"))
    error = refusal(Attempts(answers.open))

    assert error.phase == REFUSED
    assert str(error) == (
        "the engine (version 1.12) speaks API 1.24, and 1.41 is needed, which Docker "
        "20.10 and later speak"
    )
    assert answers.opened[0].is_closed


def test_an_answer_that_is_not_from_docker_is_reported() -> None:
    """Another program may listen at that port."""
    error = refusal(Attempts(Answers(KeyError("ID")).open))

    assert error.phase == CONNECTING
    assert str(error) == "what answers there is no Docker engine"


def test_an_address_that_cannot_be_used_is_refused() -> None:
    """A retry would not help."""

    def open_(_: Access) -> PaperEngine:
        raise ValueError("no such way")

    error = refusal(Attempts(open_))

    assert (error.phase, str(error)) == (REFUSED, "no such way")


def test_a_runtime_is_kept_between_attempts() -> None:
    """Its tunnel has pauses of its own; only another access needs another runtime."""
    answers = Answers(AWAY)
    attempts = Attempts(answers.open)
    refusal(attempts)
    refusal(attempts)
    assert [engine.is_closed for engine in answers.opened] == [False]
    refusal(attempts, replace(ACCESS, endpoint="unix:///x"))
    assert [engine.is_closed for engine in answers.opened] == [True, False]

    answers.answer = INFO
    made = attempts.connect(replace(ACCESS, endpoint="unix:///x"))
    attempts.close()

    assert made.runtime is answers.opened[1]
    assert not answers.opened[1].is_closed  # it belongs to its agent now


def test_another_access_is_tried_at_once() -> None:
    """The pause applies to the access that failed."""
    attempts = Attempts(Answers(AWAY).open)
    assert attempts.failed(refusal(attempts), 100) == 101
    assert attempts.failed(refusal(attempts), 101) == 103

    assert attempts.wait_until(ACCESS, 102) == 103
    assert attempts.wait_until(replace(ACCESS, endpoint="unix:///x"), 102) is None
    assert attempts.trouble == "it is away"
    attempts.succeeded()
    assert attempts.wait_until(ACCESS, 102) is None
    assert attempts.trouble == ""
