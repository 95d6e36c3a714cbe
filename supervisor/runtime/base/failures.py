"""Exceptions of the runtime's contract. Their texts are shown to users."""

from supervisor.model.streams import StreamFailure


class RuntimeFailure(StreamFailure):
    """Base class of all exceptions of the contract."""


class EngineUnavailable(RuntimeFailure):
    """The engine is unreachable, hangs or answers with nonsense: try again later."""


class NotFound(RuntimeFailure):
    """No such container, sandbox or image."""


class EngineRefused(RuntimeFailure):
    """The engine rejected the request; the text is its own (port in use, no such
    program, …)."""


class ContainerPaused(EngineRefused):
    """The container is paused, and nothing can be executed in it until it resumes."""


class MountRefused(EngineRefused):
    """A path of the host does not exist, or is not of the requested type."""

    def __init__(self, text: str, host_path: str) -> None:
        super().__init__(text)
        self.host_path = host_path


class MountUnsafe(EngineRefused):
    """Mounting a subPath could expose files outside its volume to a container."""


class SandboxLacks(EngineRefused):
    """The sandbox lacks a volume that a container needs; it has to be replaced."""


class ClaimTaken(RuntimeFailure):
    """Another claim was made since the last read."""


class ImagePullFailed(RuntimeFailure):
    """The text is the registry's or the engine's."""
