"""The kinds of one server, with lookup by name, path, and apiVersion and kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from supervisor.kinds.base import Kind, OldVersion, Resource
from supervisor.kinds.identity import Identity
from supervisor.model import schema
from supervisor.model.errors import unknown_path


@dataclass(frozen=True)
class Served:
    """A kind in one of its served versions."""

    resource: Resource
    group: str
    version: str
    old: OldVersion | None = None
    """None for the stored version."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


class Catalog:
    """The kinds in the order of the discovery documents. Immutable."""

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
        """The kinds whose objects are stored."""
        return tuple(r for r in self.resources if isinstance(r, Kind))

    @property
    def writable(self) -> tuple[Kind, ...]:
        """The kinds whose objects can be created."""
        return tuple(kind for kind in self.kinds if "create" in kind.verbs)

    @property
    def collected(self) -> tuple[Identity, ...]:
        """The kinds that the garbage collector handles."""
        return tuple(k.identity for k in self.writable if k.deletion.collected)

    def lookup(self, name: str) -> Resource:
        """The resource of that name. Raises ApiError 404, with upstream's message."""
        found = self._by_name.get(name)
        if found is None:
            raise unknown_path()
        return found

    def kind(self, name: str) -> Kind:
        """The stored kind with this resource name. Raises ApiError 404."""
        found = self.lookup(name)
        if not isinstance(found, Kind):
            raise unknown_path()
        return found

    def at(self, group: str, version: str, plural: str) -> Served | None:
        """The kind served at a path, or None."""
        return self._by_path.get((group, version, plural))

    def by_kind(self, api_version: str, kind: str) -> Served | None:
        """The kind of objects with this apiVersion and kind, or None."""
        return self._by_kind.get((api_version, kind))

    def group_versions(self) -> list[tuple[str, str]]:
        """All served pairs of group and version, in order."""
        return list(dict.fromkeys((s.group, s.version) for s in self.served))


def _served(resources: Iterable[Resource]) -> Iterator[Served]:
    for resource in resources:
        identity = resource.identity
        yield Served(resource, identity.group, identity.version)
        for old in resource.versions:
            yield Served(resource, old.group, old.version, old)
