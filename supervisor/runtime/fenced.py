"""An engine on which nothing is changed without permission.

Reads go through; each change first asks `check`, which raises what the caller is to see
in place of the change. Every verb of the contract is one or the other, which a test
holds up.
"""

from collections.abc import Callable
from typing import Any, cast

from supervisor.runtime.base import Runtime

CHANGES = frozenset(
    {
        "start_sandbox",
        "remove_sandbox",
        "remove_volumes",
        "create_container",
        "start_container",
        "stop_container",
        "kill_container",
        "remove_container",
        "remove_labelled",
    }
)
READS = frozenset(
    {
        "claims",
        "close",
        "dial",
        "dial_inside",
        "events",
        "exec",
        "image",
        "images",
        "info",
        "labelled",
        "load_image",
        "logs",
        "open_attach",
        "open_exec",
        "ping",
        "pod",
        "pods",
        "pull",
        "pulse",
        "reach",
        "save_image",
        "termination_message",
    }
)
"""What is done inside containers, and images, change no pod."""


def fenced(runtime: Runtime, check: Callable[[], None]) -> Runtime:
    return cast(Runtime, _Fenced(runtime, check))


class _Fenced:
    def __init__(self, runtime: Runtime, check: Callable[[], None]) -> None:
        self._runtime = runtime
        self._check = check

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._runtime, name)
        if name not in CHANGES:
            return found

        def change(*args: Any, **options: Any) -> Any:
            self._check()
            return found(*args, **options)

        return change
