"""What an engine may answer instead of doing what it is asked.

Part of the contract in base.py, from where others import it.
"""

from supervisor.model.streams import StreamFailure


class RuntimeFailure(StreamFailure):
    """Base of all that an engine may answer instead of doing what it is asked."""


class EngineUnavailable(RuntimeFailure):
    """The engine is away, hangs or answers nonsense: try again later."""


class NotFound(RuntimeFailure):
    """No such container, sandbox or image."""


class EngineRefused(RuntimeFailure):
    """The engine said no; the text is its own (port taken, no such program, …)."""


class ContainerPaused(EngineRefused):
    """Nothing runs in the container, and nothing can be run in it, until it goes on."""


class MountRefused(EngineRefused):
    """A path of the host is not there, or is of another kind than asked for."""

    def __init__(self, text: str, host_path: str) -> None:
        super().__init__(text)
        self.host_path = host_path


class MountUnsafe(EngineRefused):
    """Mounting a subPath could give a container what lies outside its volume."""


class SandboxLacks(EngineRefused):
    """The sandbox does not hold a volume that a container needs: it is too old."""


class ClaimTaken(RuntimeFailure):
    """Somebody else has made a claim since it was looked for."""


class ImagePullFailed(RuntimeFailure):
    """The text is the registry's or the engine's."""
