"""A claim on an engine that lacks the image for it."""

from typing import Any, cast

import docker.errors
import pytest

from supervisor.runtime.base import ClaimTaken, EngineRefused
from supervisor.runtime.claims import Claim
from supervisor.runtime.docker.claims import DockerClaims
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.images import Images
from supervisor.runtime.host_clock import HostClock


class Host:
    """An engine that answers a create as it is told; and its images."""

    def __init__(self, *answers: Exception | None) -> None:
        self.slow = self.api = self
        self.brought = 0
        self._answers = list(answers)

    def claims(self) -> DockerClaims:
        return DockerClaims(cast(Engine, self), cast(Images, self), "c", HostClock())

    def create_container_from_config(self, body: Any, name: str) -> Any:
        if error := self._answers.pop(0):
            raise error
        return {"Id": name}

    def containers(self, **_: Any) -> list[Any]:
        return []

    def pause_name(self) -> str:
        return "pause"

    def bring_pause(self) -> None:
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
