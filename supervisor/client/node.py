"""What the API asks of the agent on a pod's node: logs, exec, attach, dialling a port.

The API never touches an engine. It finds the pod's node, and asks that node's
`NodeConnection`, which an agent in this process satisfies by itself; an agent in
another process would be reached through the same contract.

Rules
- Containers are named by pod uid and container name.
- A refusal raises ApiError in upstream's words, before anything is streamed.
- Streams are plain blocking objects; the API runs them in threads of its own.
"""

from collections.abc import Sequence
from typing import Protocol

from supervisor.model.streams import ByteStream, ExecSession, LogOptions, LogStream


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


class NodeDirectory(Protocol):
    def connect(self, node_name: str) -> NodeConnection:
        """The connection to a node's agent. Raises ApiError 503 when there is none."""
