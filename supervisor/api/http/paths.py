"""Parsing of paths into references to objects or collections. Pure.

/api/v1/pods                                  /apis/GROUP/VERSION/PLURAL
/api/v1/namespaces/NAMESPACE/pods/NAME/status …
"""

from dataclasses import dataclass

from supervisor.kinds.base import Resource
from supervisor.kinds.catalog import Catalog, Served


@dataclass(frozen=True)
class Target:
    """A collection, or an object if `name` is not empty."""

    served: Served
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> Resource:
        return self.served.resource


def parse(path: str, catalog: Catalog) -> Target | None:
    """Parse a path; None if it is not served."""
    parts = path.strip("/").split("/")
    if "" in parts:
        return None
    match parts:
        case ["api", version, *rest]:
            return _resolve(catalog, "", version, rest)
        case ["apis", group, version, *rest]:
            return _resolve(catalog, group, version, rest)
    return None


def _resolve(
    catalog: Catalog, group: str, version: str, rest: list[str]
) -> Target | None:
    match rest:
        case ["namespaces", namespace, plural, *rest_] if served := catalog.at(
            group, version, plural
        ):
            namespaced = served.resource.identity.namespaced
            return _target(served, namespace, rest_) if namespaced else None
        case [plural, *rest_] if served := catalog.at(group, version, plural):
            # Without a namespace, only the collection of all namespaces has a path.
            if served.resource.identity.namespaced and rest_:
                return None
            return _target(served, "", rest_)
    return None


def _target(served: Served, namespace: str, rest_: list[str]) -> Target | None:
    match rest_:
        case []:
            return Target(served, namespace)
        case [name]:
            return Target(served, namespace, name)
        case [name, sub] if served.resource.subresource(sub):
            return Target(served, namespace, name, sub)
    return None
