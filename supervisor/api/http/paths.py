"""Which object, or which collection, a path names. Pure.

/api/v1/pods                                  /apis/GROUP/VERSION/PLURAL
/api/v1/namespaces/NAMESPACE/pods/NAME/status …
"""

from dataclasses import dataclass

from supervisor.api import scheme
from supervisor.api.scheme import Resource


@dataclass(frozen=True)
class Target:
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse(path: str) -> Target | None:
    """What `path` names; None when we serve no such thing."""
    parts = path.strip("/").split("/")
    if "" in parts:
        return None
    match parts:
        case ["api", version, *rest]:
            return _within("", version, rest)
        case ["apis", group, version, *rest]:
            return _within(group, version, rest)
    return None


def _within(group: str, version: str, rest: list[str]) -> Target | None:
    match rest:
        case ["namespaces", namespace, plural, *deeper] if resource := scheme.at(
            group, version, plural
        ):
            return _placed(resource, namespace, deeper) if resource.namespaced else None
        case [plural, *deeper] if resource := scheme.at(group, version, plural):
            # Of namespaced things only the whole has a path without a namespace.
            if resource.namespaced and deeper:
                return None
            return _placed(resource, "", deeper)
    return None


def _placed(resource: Resource, namespace: str, deeper: list[str]) -> Target | None:
    match deeper:
        case []:
            return Target(resource, namespace)
        case [name]:
            return Target(resource, namespace, name)
        case [name, sub] if resource.subresource(sub):
            return Target(resource, namespace, name, sub)
    return None
