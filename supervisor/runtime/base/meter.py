"""How much CPU and memory containers and the engine's machine use."""

from typing import Protocol

from supervisor.model.usage import Usage


class Meter(Protocol):
    """Measures when it is asked, and nothing in between."""

    def container_usage(self, container_id: str) -> Usage:
        """Takes about two seconds, in which CPU is measured.

        Raises NotFound when the container is gone or does not run.
        """

    def machine_usage(self) -> Usage:
        """Usage of the engine's whole machine; takes about a second.

        Raises NotFound when nothing of ours runs there that could measure it.
        """
