"""The last words of dead containers: their termination messages, each read once.

Rules
- Of a file the last 4096 bytes are read, of a log the last 80 lines and 2048 bytes.
- All messages of a pod have 12 KiB: of what was read, each container's share is kept,
  from the beginning.

Follows pkg/kubelet/kuberuntime/kuberuntime_container.go (getTerminationMessage) and
pkg/kubelet/status/status_manager.go (normalizeStatus).
"""

import threading
from collections.abc import Iterator, Mapping

from supervisor.agent.pods.plan.history import is_dead
from supervisor.agent.pods.status.terminated import never_ran
from supervisor.model.pod import Container, Pod
from supervisor.model.streams import LogOptions
from supervisor.runtime.base import (
    NotFound,
    ObservedContainer,
    ObservedPod,
    Runtime,
    RuntimeFailure,
)

_MAX_BYTES = 4096
_MAX_LOG_BYTES = 2048
_MAX_LOG_LINES = 80
_MAX_BYTES_PER_POD = 12 * 1024


class Messages:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        #: By container id, for each pod's containers that are still there.
        self._known: dict[str, dict[str, str]] = {}

    def of(self, pod: Pod, seen: ObservedPod | None) -> Mapping[str, str]:
        """The messages of all dead containers of `pod`, by container id."""
        uid = pod.metadata.uid
        with self._lock:
            known = self._known.get(uid, {})
        spec = pod.spec
        by_name = {c.name: c for c in spec.all_containers}
        found = {}
        for instance in seen.containers if seen else ():
            container = by_name.get(instance.name)
            if container is None or not is_dead(instance) or never_ran(instance):
                continue
            message = known.get(instance.id)
            if message is None:
                data = self._read(container, instance)
                share = _MAX_BYTES_PER_POD // len(by_name)
                message = data[:share].decode(errors="replace")
            found[instance.id] = message
        with self._lock:
            self._known[uid] = found
        return found

    def forget(self, pod_uid: str) -> None:
        with self._lock:
            self._known.pop(pod_uid, None)

    def _read(self, container: Container, instance: ObservedContainer) -> bytes:
        path = container.termination_message_path
        try:
            data = self._runtime.termination_message(instance.id, path, _MAX_BYTES)
            wants_log = container.termination_message_policy == "FallbackToLogsOnError"
            if not data and wants_log and instance.exit_code != 0:
                data = self._tail(instance.id)
        except NotFound:
            return b""
        return data

    def _tail(self, container_id: str) -> bytes:
        stream = self._runtime.logs(container_id, LogOptions(tail_lines=_MAX_LOG_LINES))
        try:
            return _last(iter(stream), _MAX_LOG_BYTES)
        except RuntimeFailure:
            return b""
        finally:
            stream.close()


def _last(chunks: Iterator[bytes], most: int) -> bytes:
    kept = b""
    for chunk in chunks:
        kept = (kept + chunk)[-most:]
    return kept
