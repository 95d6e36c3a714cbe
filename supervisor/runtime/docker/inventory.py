"""The inventory part of the contract: containers, volumes, networks with our labels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import docker.errors

from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CLAIM,
    CLUSTER,
    CONTAINER_TYPE,
    NODE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    EngineRefused,
    Labelled,
    Sort,
    Whose,
)
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.host_clock import HostClock

Json = Mapping[str, Any]

_FILTER = {"label": [CLUSTER]}
_PARTS = ("podsandbox", "container")


def is_part(labels: Mapping[str, str]) -> bool:
    """Whether a container is the sandbox of a pod or a container of its spec."""
    return (
        bool(labels.get(POD_UID)) and labels.get(CONTAINER_TYPE, "container") in _PARTS
    )


class DockerInventory:
    """Satisfies Inventory. `owner` are the labels of what is ours."""

    def __init__(
        self, client: EngineClient, owner: Mapping[str, str], clock: HostClock
    ) -> None:
        self._client = client
        self._owner = owner
        self._clock = clock

    def labelled(self) -> Sequence[Labelled]:
        with translated():
            return [*self._containers(), *self._volumes(), *self._networks()]

    def remove_labelled(self, found: Labelled) -> None:
        if found.whose is not Whose.OURS:
            text = (
                f"{found.sort.value} {found.name} is {found.whose.value}: not removed"
            )
            raise EngineRefused(text)
        api = self._client.slow
        with translated():
            try:
                match found.sort:
                    case Sort.CONTAINER:
                        api.remove_container(found.id, v=True, force=True)
                    case Sort.VOLUME:
                        api.remove_volume(found.id)
                    case Sort.NETWORK:
                        api.remove_network(found.id)
            except docker.errors.NotFound:
                return

    def _containers(self) -> Iterator[Labelled]:
        listed = self._client.api.containers(all=True, filters=_FILTER)
        for entry in listed:
            labels = entry["Labels"]
            if CLAIM in labels:
                continue
            name = (entry["Names"] or [entry["Id"]])[0].lstrip("/")
            created = float(entry["Created"])
            part = is_part(labels)
            yield self._labelled(
                Sort.CONTAINER, entry["Id"], name, labels, created, part
            )

    def _volumes(self) -> Iterator[Labelled]:
        answer = self._client.api.volumes(filters=_FILTER)
        for entry in answer["Volumes"] or ():
            labels, name = entry["Labels"], entry["Name"]
            created = _instant(entry.get("CreatedAt"))
            part = bool(labels.get(POD_UID))
            yield self._labelled(Sort.VOLUME, name, name, labels, created, part)

    def _networks(self) -> Iterator[Labelled]:
        for entry in self._client.api.networks(filters=_FILTER):
            labels, created = entry["Labels"], _instant(entry["Created"])
            yield self._labelled(
                Sort.NETWORK, entry["Id"], entry["Name"], labels, created, False
            )

    def _labelled(
        self,
        sort: Sort,
        object_id: str,
        name: str,
        labels: Mapping[str, str],
        created: float,
        part: bool,
    ) -> Labelled:
        pod = f"{labels.get(POD_NAMESPACE, '')}/{labels.get(POD_NAME, '')}"
        return Labelled(
            sort,
            object_id,
            name,
            self._whose(labels),
            node=labels.get(NODE, ""),
            pod_uid=labels.get(POD_UID, ""),
            pod=pod if labels.get(POD_UID) else "",
            is_part=part,
            created_at=self._clock.ours(created),
        )

    def _whose(self, labels: Mapping[str, str]) -> Whose:
        if labels[CLUSTER] != self._owner[CLUSTER]:
            return Whose.OTHER_CLUSTER
        is_here = labels.get(NODE) == self._owner[NODE]
        return Whose.OURS if is_here else Whose.OTHER_NODE


def _instant(text: str | None) -> float:
    """0 if the volume's driver does not report when it was created."""
    return to_seconds(text) if text else 0.0
