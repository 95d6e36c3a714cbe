"""A claim on an engine that lacks the image for it."""

from collections.abc import Callable
from typing import Any, cast

import docker.errors
import pytest

from supervisor.runtime.base import ClaimTaken, EngineRefused
from supervisor.runtime.base.claims import Claim
from supervisor.runtime.docker.claims import DockerClaims
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.images.pause import PauseImage


class Host:
    """An engine that answers a create as it is told; and its images."""

    def __init__(self, *answers: Exception | None) -> None:
        self.slow = self.api = self
        self.brought = 0
        self._answers = list(answers)

    def claims(self) -> DockerClaims:
        return DockerClaims(
            cast(EngineClient, self), cast(PauseImage, self), "c", HostClock()
        )

    def create_container_from_config(self, body: Any, name: str) -> Any:
        if error := self._answers.pop(0):
            raise error
        return {"Id": name}

    def containers(self, **_: Any) -> list[Any]:
        return []

    def name(self) -> str:
        return "pause"

    def with_image(self, create: Callable[[], str]) -> str:
        return PauseImage.with_image(cast(PauseImage, self), create)

    def load(self) -> None:
        self.brought += 1


def refusal(status: int) -> docker.errors.APIError:
    class Response:
        status_code = status

    return docker.errors.APIError("no", cast(Any, Response()), "no room")


NO_IMAGE = docker.errors.ImageNotFound("no such image")


def test_the_image_is_brought_to_an_engine_that_lacks_it() -> None:
    """As it is for sandboxes."""
    host = Host(NO_IMAGE, None)

    host.claims().make(Claim("s"))

    assert host.brought == 1


@pytest.mark.parametrize("before", [(), (NO_IMAGE,)])
def test_a_refusal_is_told_from_a_claim_that_is_there(
    before: tuple[Exception, ...],
) -> None:
    """Only a name that is taken means that somebody was faster."""
    with pytest.raises(EngineRefused, match="no room"):
        Host(*before, refusal(500)).claims().make(Claim("s"))
    with pytest.raises(ClaimTaken):
        Host(*before, refusal(409)).claims().make(Claim("s"))
