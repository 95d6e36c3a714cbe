"""The resources that the server offers, read from its discovery documents.

Follows client-go/discovery (aggregated discovery) and kubectl's shortcut expander.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from supervisor.cli.failure import Failure
from supervisor.client.connection import Connection
from supervisor.model.meta import Object

_ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True)
class Resource:
    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    is_preferred: bool = True
    """It is the first of the versions in which its group has the kind."""

    @property
    def full_name(self) -> str:
        """The name that clients use: plural, and the group behind a dot.

        An older version is named between them.
        """
        if not self.is_preferred:
            return f"{self.plural}.{self.version}.{self.group}"
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def display_name(self) -> str:
        """The part before the slash in `pod/kubia`."""
        return f"{self.singular}.{self.group}" if self.group else self.singular

    def has_name(self, name: str) -> bool:
        """Whether `name`, with or without a group, names this resource.

        `name` is in lower case: plural, singular, kind or a short name.
        """
        names = {self.plural, self.singular, self.kind.lower(), *self.short_names}
        bare, _, rest = name.partition(".")
        groups = {"", self.group, f"{self.version}.{self.group}".rstrip(".")}
        return bare in names and rest.rstrip(".") in groups


class Catalog:
    """The resources of one server, in the order of its discovery documents."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)

    def find(self, name: str) -> Resource:
        """The resource named `name`, in any form. Raises Failure if there is none."""
        for resource in self.resources:
            if resource.has_name(name.lower()):
                return resource
        known = [n for r in self.resources for n in (r.plural, r.singular)]
        near = get_close_matches(name.lower(), known, 1)
        hint = f"did you mean {near[0]}?" if near else ""
        raise Failure(f'the server doesn\'t have a resource type "{name}"', hint)

    def find_all(self, names: str) -> list[Resource]:
        """The resources of a list such as `po,rc`; categories (`all`) are expanded.

        Raises Failure for unknown names.
        """
        found: list[Resource] = []
        for name in filter(None, names.split(",")):
            members = [r for r in self.resources if name.lower() in r.categories]
            found += [r for r in members or [self.find(name)] if r not in found]
        if not found:
            raise Failure("You must specify the type of resource")
        return found

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        for resource in self.resources:
            if (resource.api_version, resource.kind) == (api_version, kind):
                return resource
        return None


def fetch(connection: Connection) -> Catalog:
    """Read both discovery documents. Raises ApiError, and Failure for old servers."""
    resources: list[Resource] = []
    for path in ("/api", "/apis"):
        body = connection.json("GET", path, accept=_ACCEPT)
        if body.get("kind") != "APIGroupDiscoveryList":
            raise Failure(
                f"the server {connection.host} has no aggregated discovery",
                "supervisor, or Kubernetes 1.27 or later, is required",
            )
        for group in body.get("items") or []:
            resources += _of_group(group)
    return Catalog(resources)


def _of_group(group: Object) -> Iterable[Resource]:
    name = (group.get("metadata") or {}).get("name") or ""
    seen = set[str]()
    for version in group.get("versions") or []:
        for item in version.get("resources") or []:
            kind = (item.get("responseKind") or {}).get("kind") or ""
            is_preferred = item["resource"] not in seen
            seen.add(item["resource"])
            yield Resource(
                group=name,
                version=version["version"],
                plural=item["resource"],
                singular=item.get("singularResource") or kind.lower(),
                kind=kind,
                namespaced=item.get("scope") == "Namespaced",
                is_preferred=is_preferred,
                short_names=tuple(item.get("shortNames") or ()),
                categories=tuple(item.get("categories") or ()) if is_preferred else (),
                verbs=tuple(item.get("verbs") or ()),
                subresources=tuple(
                    part["subresource"] for part in item.get("subresources") or ()
                ),
            )
