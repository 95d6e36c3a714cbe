"""The contract between the API server and a node's agent: logs, exec, attach,
port-forward, images, usage and leftovers.

The API server never talks to an engine. It calls the `NodeConnection` of the pod's
node, which is implemented in process by the agent; an agent in another process would be
reached through the same contract.

Rules
- A container is identified by pod uid and container name.
- Errors are ApiError with upstream's messages, raised before anything is streamed.
- Streams are blocking; the API server runs them in threads.
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
from supervisor.model.usage import Usage


@dataclass(frozen=True)
class NodeImage:
    """An image on one node."""

    id: str
    names: Sequence[str]
    size_bytes: int
    created_at: float


@dataclass(frozen=True)
class HeldPod:
    """A pod that runs on a node but does not exist in the API, and is not removed
    because the store may have lost it.
    """

    uid: str
    namespace: str
    name: str
    because: str
    manifest: Object | None
    """The Pod object at the time its sandbox was started; None if unknown."""
    images: Mapping[str, str]
    """Current image by container name; may differ from that in `manifest`."""
    sessions: frozenset[str]
    """The store sessions that its containers were created from (model/lineage)."""


@dataclass(frozen=True)
class NodeLeftover:
    """A container, volume or network with our labels that no pod uses."""

    sort: str
    """`container`, `volume` or `network`."""
    name: str
    pod: str
    """NAMESPACE/NAME, or empty."""
    because: str
    is_removed: bool
    """Whether the agent removes it without being asked."""


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

    def dial(self, pod_uid: str, port: int) -> ByteStream:
        """Connect to a TCP port of a pod."""

    # -- images
    def image(self, name: str) -> NodeImage | None: ...

    def images(self) -> Sequence[NodeImage]: ...

    def save_image(self, name: str) -> ImageArchive:
        """The image as an archive, which the caller closes. Raises ApiError 404."""

    def load_image(self, archive: Iterable[bytes]) -> None:
        """Load an archive into the engine, and update the Node's status.

        An exception of the iterator is propagated, and nothing is loaded.
        """

    # -- usage
    def pod_usage(self, pod_uids: Sequence[str]) -> Mapping[str, Mapping[str, Usage]]:
        """Usage by pod uid and container name, measured for about two seconds.

        Pods without running containers are missing.
        """

    def machine_usage(self) -> Usage:
        """Usage of the node's machine. Raises ApiError 404 if it cannot be measured."""

    # -- pods that the API does not know
    def held_pods(self) -> Sequence[HeldPod]: ...

    def recheck_held_pods(self) -> None:
        """Check again whether held pods may be removed, after a user's decision."""

    # -- leftovers
    def leftovers(self) -> Sequence[NodeLeftover]: ...


class NodeDirectory(Protocol):
    def connect(self, node_name: str) -> NodeConnection:
        """The connection to a node's agent. Raises ApiError 503 if there is none."""
