"""Why a container could not be started: the words of its status, and the next try."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MissingObject:
    """A ConfigMap or Secret that is not there, or not as it is needed."""

    resource: str
    namespace: str
    name: str
    version: int = 0
    """The one that was seen; 0 if none."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.resource, self.namespace, self.name


@dataclass(frozen=True)
class HostPort:
    """A port of the host that may be taken."""


Awaits = MissingObject | HostPort
"""What has to come before another try makes sense."""


class StartFailed(Exception):
    """`reason` and the text become the container's waiting state.

    `retry_seconds` is the pause before the next try; 0 leaves it to the crash backoff.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        retry_seconds: float = 0.0,
        awaits: Awaits | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_seconds = retry_seconds
        self.awaits = awaits


class ImagePulling(Exception):
    """The image is on its way; the pod is woken when it is here or lost."""


CREATING = "ContainerCreating"
"""The state of a container that nothing is wrong with but that its volumes lack."""

RETRY_SECONDS = 10.0
"""Between tries of what only somebody else can mend: a missing ConfigMap, a port."""


def config_error(message: str, awaits: Awaits | None = None) -> StartFailed:
    """The spec cannot be turned into a container as things are."""
    return StartFailed("CreateContainerConfigError", message, RETRY_SECONDS, awaits)
