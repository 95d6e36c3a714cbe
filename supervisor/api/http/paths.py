"""Which object, or which collection, a path names. Pure.

/api/v1/pods                                  /apis/GROUP/VERSION/PLURAL
/api/v1/namespaces/NAMESPACE/pods/NAME/status …
"""

from dataclasses import dataclass

from supervisor.kinds.base import Resource
from supervisor.kinds.catalog import Catalog, Served


@dataclass(frozen=True)
class Target:
    served: Served
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> Resource:
        return self.served.resource


def parse(path: str, catalog: Catalog) -> Target | None:
    """What `path` names; None when we serve no such thing."""
    parts = path.strip("/").split("/")
    if "" in parts:
        return None
    match parts:
        case ["api", version, *rest]:
            return _within(catalog, "", version, rest)
        case ["apis", group, version, *rest]:
            return _within(catalog, group, version, rest)
    return None


def _within(
    catalog: Catalog, group: str, version: str, rest: list[str]
) -> Target | None:
    match rest:
        case ["namespaces", namespace, plural, *deeper] if served := catalog.at(
            group, version, plural
        ):
            namespaced = served.resource.identity.namespaced
            return _placed(served, namespace, deeper) if namespaced else None
        case [plural, *deeper] if served := catalog.at(group, version, plural):
            # Of namespaced things only the whole has a path without a namespace.
            if served.resource.identity.namespaced and deeper:
                return None
            return _placed(served, "", deeper)
    return None


def _placed(served: Served, namespace: str, deeper: list[str]) -> Target | None:
    match deeper:
        case []:
            return Target(served, namespace)
        case [name]:
            return Target(served, namespace, name)
        case [name, sub] if served.resource.subresource(sub):
            return Target(served, namespace, name, sub)
    return None
