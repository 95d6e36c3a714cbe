"""The inventory part of the fake engine."""

from collections.abc import Iterator, Sequence

from supervisor.runtime.base import EngineRefused, Labelled, Sort, Whose
from tests.fakes.runtime.containers import Containers
from tests.fakes.runtime.state import FakeState


class FakeInventory(FakeState):
    def labelled(self) -> Sequence[Labelled]:
        with self._lock:
            self._answer()
            return [*_parts(self._held, self._node_name), *self.others]

    def remove_labelled(self, found: Labelled) -> None:
        with self._lock:
            self._call("remove_labelled", found.name)
            if found.whose is not Whose.OURS or found.id in self.in_use:
                raise EngineRefused(f"{found.name} is in use, or another's")
            self._remove(found.id)
            self.others = [one for one in self.others if one.id != found.id]


def _parts(held: Containers, node: str) -> Iterator[Labelled]:
    """Containers and volumes of pods, as the inventory lists them."""
    for one in held.by_id.values():
        config, seen = one.config, one.seen
        yield Labelled(
            Sort.CONTAINER,
            seen.id,
            seen.id,
            Whose.OURS,
            node=node,
            pod_uid=config.pod_uid,
            pod=f"{config.namespace}/{config.pod_name}",
            is_part=True,
            created_at=seen.created_at,
        )
    for (uid, volume), (name, namespace) in held.volumes.items():
        known = f"k8s_{uid}_{volume}"
        pod = f"{namespace}/{name}"
        yield Labelled(
            Sort.VOLUME,
            known,
            known,
            Whose.OURS,
            node=node,
            pod_uid=uid,
            pod=pod,
            is_part=True,
        )
