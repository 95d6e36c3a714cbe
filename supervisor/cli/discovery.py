"""The kinds that the server has, and their names: asked from it, never known here.

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
    def printed(self) -> str:
        """What stands before the slash in `pod/kubia`."""
        return f"{self.singular}.{self.group}" if self.group else self.singular

    def answers_to(self, name: str) -> bool:
        names = {self.plural, self.singular, self.kind.lower(), *self.short_names}
        bare, _, rest = name.partition(".")
        groups = {"", self.group, f"{self.version}.{self.group}".rstrip(".")}
        return bare in names and rest.rstrip(".") in groups


class Catalog:
    """The resources of one server, in its order."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = tuple(resources)

    def find(self, name: str) -> Resource:
        """The resource that answers to `name`, in any of its forms."""
        for resource in self.resources:
            if resource.answers_to(name.lower()):
                return resource
        known = [n for r in self.resources for n in (r.plural, r.singular)]
        near = get_close_matches(name.lower(), known, 1)
        hint = f"did you mean {near[0]}?" if near else ""
        raise Failure(f'the server doesn\'t have a resource type "{name}"', hint)

    def named(self, names: str) -> list[Resource]:
        """The resources of a list such as `po,rc`; categories such as `all` expand."""
        found: list[Resource] = []
        for name in filter(None, names.split(",")):
            members = [r for r in self.resources if name.lower() in r.categories]
            found += [r for r in members or [self.find(name)] if r not in found]
        if not found:
            raise Failure("You must specify the type of resource")
        return found

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        for resource in self.resources:
            if (resource.api_version, resource.kind) == (api_version, kind):
                return resource
        return None


def fetch(connection: Connection) -> Catalog:
    """Ask the server; two requests."""
    resources: list[Resource] = []
    for path in ("/api", "/apis"):
        body = connection.json("GET", path, accept=_ACCEPT)
        if body.get("kind") != "APIGroupDiscoveryList":
            raise Failure(
                f"the server {connection.host} has no aggregated discovery",
                "is that the API of a supervisor, or of Kubernetes 1.27 or later?",
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
