"""Events of pods, their containers and the node: where each belongs, in one place."""

from typing import Protocol

from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.kinds.identity import NODE
from supervisor.model.meta import Object
from supervisor.model.pod import Container


class Recorder(Protocol):
    """What client.events.EventRecorder offers."""

    def record(
        self,
        obj: Object,
        type_: str,
        reason: str,
        message: str,
        *,
        field_path: str = "",
    ) -> None: ...


class AgentEvents:
    """Never blocks and never raises, as the recorder behind it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def node(self, node: Object, type_: str, reason: str, message: str) -> None:
        named = NODE.head | node
        self._recorder.record(named, type_, reason, message)

    def pod(self, record: PodRecord, type_: str, reason: str, message: str) -> None:
        self._recorder.record(record.obj, type_, reason, message)

    def container(
        self,
        record: PodRecord,
        container: Container | str,
        type_: str,
        reason: str,
        message: str,
    ) -> None:
        name = container if isinstance(container, str) else container.name
        inits = {c.name for c in record.pod.spec.init_containers}
        list_name = "initContainers" if name in inits else "containers"
        path = f"spec.{list_name}{{{name}}}"
        self._recorder.record(record.obj, type_, reason, message, field_path=path)
