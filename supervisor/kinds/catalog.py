"""All kinds that one server has: found by name, by path, and by apiVersion and kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from supervisor.kinds.base import Kind, OldVersion, Resource
from supervisor.kinds.identity import Identity
from supervisor.model import schema
from supervisor.model.errors import unknown_path


@dataclass(frozen=True)
class Served:
    """A kind in one of the versions that it is served in."""

    resource: Resource
    group: str
    version: str
    old: OldVersion | None = None
    """None for the version that is stored."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


class Catalog:
    """The kinds in the order in which discovery shows them. Immutable."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)
        self._by_name = {r.identity.resource: r for r in self.resources}
        self.served = tuple(_served(self.resources))
        self._by_path = {
            (s.group, s.version, s.resource.identity.plural): s for s in self.served
        }
        self._by_kind = {
            (s.api_version, s.resource.identity.kind): s for s in self.served
        }
        for kind in self.kinds:
            texts = {kind.identity.api_version: kind.schema}
            texts |= {old.api_version: old.schema for old in kind.versions}
            for api_version, text in texts.items():
                if text:
                    schema.add(api_version, text)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Those whose objects are stored."""
        return tuple(r for r in self.resources if isinstance(r, Kind))

    @property
    def writable(self) -> tuple[Kind, ...]:
        """Those of which there can be objects."""
        return tuple(kind for kind in self.kinds if "create" in kind.verbs)

    @property
    def collected(self) -> tuple[Identity, ...]:
        """What owners and dependents may be."""
        return tuple(k.identity for k in self.writable if k.deletion.collected)

    def lookup(self, name: str) -> Resource:
        """The resource of that name. Raises ApiError 404, in upstream's words."""
        found = self._by_name.get(name)
        if found is None:
            raise unknown_path()
        return found

    def kind(self, name: str) -> Kind:
        """The stored kind of that resource name. Raises ApiError 404."""
        found = self.lookup(name)
        if not isinstance(found, Kind):
            raise unknown_path()
        return found

    def at(self, group: str, version: str, plural: str) -> Served | None:
        """What a path names."""
        return self._by_path.get((group, version, plural))

    def by_kind(self, api_version: str, kind: str) -> Served | None:
        """What objects with this apiVersion and kind are."""
        return self._by_kind.get((api_version, kind))

    def group_versions(self) -> list[tuple[str, str]]:
        """Each (group, version) that is served, in order."""
        return list(dict.fromkeys((s.group, s.version) for s in self.served))


def _served(resources: Iterable[Resource]) -> Iterator[Served]:
    for resource in resources:
        identity = resource.identity
        yield Served(resource, identity.group, identity.version)
        for old in resource.versions:
            yield Served(resource, old.group, old.version, old)
