"""What the API asks of a node's agent: logs, exec, attach, dialling a port, images,
leftovers.

The API never touches an engine. It finds the pod's node, and asks that node's
`NodeConnection`, which an agent in this process satisfies by itself; an agent in
another process would be reached through the same contract.

Rules
- Containers are named by pod uid and container name.
- A refusal raises ApiError in upstream's words, before anything is streamed.
- Streams are plain blocking objects; the API runs them in threads of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from supervisor.model.meta import Object
from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)


@dataclass(frozen=True)
class NodeImage:
    """An image on one node."""

    id: str
    names: Sequence[str]
    size_bytes: int
    created_at: float


@dataclass(frozen=True)
class HeldPod:
    """A pod that runs on a node, that the API does not know, and that is not removed
    because the store may have lost it.
    """

    uid: str
    namespace: str
    name: str
    because: str
    manifest: Object | None
    """The pod as it was when its sandbox was started; None if nothing tells."""
    images: Mapping[str, str]
    """The image of each container, which may have been changed since."""
    sessions: frozenset[str]
    """Those of the stores that it was made from (model/lineage)."""


@dataclass(frozen=True)
class NodeLeftover:
    """Something with our labels on a node's engine that is of no use any more."""

    sort: str
    """`container`, `volume` or `network`."""
    name: str
    pod: str
    """NAMESPACE/NAME, or empty."""
    because: str
    is_removed: bool
    """Whether its node removes it by itself."""


class NodeConnection(Protocol):
    def logs(self, pod_uid: str, container: str, options: LogOptions) -> LogStream: ...

    def exec(
        self,
        pod_uid: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: bool,
        tty: bool,
    ) -> ExecSession: ...

    def attach(
        self, pod_uid: str, container: str, *, stdin: bool, tty: bool
    ) -> ExecSession: ...

    def dial(self, pod_uid: str, port: int) -> ByteStream: ...

    # -- images
    def image(self, name: str) -> NodeImage | None: ...

    def images(self) -> Sequence[NodeImage]: ...

    def save_image(self, name: str) -> ImageArchive:
        """The image's archive, which must be closed. Raises ApiError 404."""

    def load_image(self, archive: Iterable[bytes]) -> None:
        """Take in another node's archive; the Node's status shows it soon after.

        An error of the iteration goes through, and nothing is loaded then.
        """

    # -- pods that the API does not know
    def held_pods(self) -> Sequence[HeldPod]: ...

    def recheck_held_pods(self) -> None:
        """A person has decided about pods that are held: look at them again."""

    # -- leftovers
    def leftovers(self) -> Sequence[NodeLeftover]: ...


class NodeDirectory(Protocol):
    def connect(self, node_name: str) -> NodeConnection:
        """The connection to a node's agent. Raises ApiError 503 when there is none."""
