"""What there is to ask for: discovery, aggregated and group by group. Pure.

Rules
- Everything comes from the scheme; order within it is the order of the answer.
- A subresource stands with its parent. Virtual resources stand here like others.

Follows apiserver/pkg/endpoints/discovery.
"""

from collections.abc import Iterable

from supervisor.api.scheme import RESOURCES, Resource, Subresource, group_versions
from supervisor.model.meta import Object

AGGREGATED_VERSIONS = ("v2", "v2beta1")
_AGGREGATED_GROUP = "apidiscovery.k8s.io"


def aggregated_type(version: str) -> str:
    """The media type of an aggregated answer; clients insist on it."""
    return (
        f"application/json;g={_AGGREGATED_GROUP};v={version};as=APIGroupDiscoveryList"
    )


def aggregated(version: str, *, core: bool) -> Object:
    """All of /api (`core`) or of /apis in one document."""
    groups = [g for g in _groups() if (g == "") is core]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED_GROUP}/{version}",
        "metadata": {},
        "items": [_aggregated_group(group) for group in groups],
    }


def _aggregated_group(group: str) -> Object:
    metadata = {"name": group} if group else {}
    versions = [
        {
            "version": version,
            "freshness": "Current",
            "resources": [_aggregated_resource(r) for r in _of(group, version)],
        }
        for version in _versions(group)
    ]
    return {"metadata": metadata, "versions": versions}


def _aggregated_resource(resource: Resource) -> Object:
    entry: Object = {
        "resource": resource.plural,
        "responseKind": _kind(resource.group, resource.version, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if resource.subresources:
        entry["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": _kind(
                    sub.group or resource.group,
                    sub.version or resource.version,
                    sub.kind,
                ),
                "verbs": list(sub.verbs),
            }
            for sub in resource.subresources
        ]
    return entry


def _kind(group: str, version: str, kind: str) -> Object:
    return {"group": group, "version": version, "kind": kind}


def core_versions() -> Object:
    """The legacy answer of /api."""
    return {
        "kind": "APIVersions",
        "versions": _versions(""),
        "serverAddressByClientCIDRs": [],
    }


def group_list() -> Object:
    """The legacy answer of /apis."""
    groups = [_group(g) for g in _groups() if g]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(name: str) -> Object | None:
    """The answer of /apis/GROUP."""
    if not name or name not in _groups():
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)}


def _group(name: str) -> Object:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in _versions(name)
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def resource_list(group: str, version: str) -> Object | None:
    """The answer of /api/v1 and /apis/GROUP/VERSION."""
    found = list(_of(group, version))
    if not found:
        return None
    entries: list[Object] = []
    for resource in found:
        entries.append(_entry(resource))
        entries += [_subentry(resource, sub) for sub in resource.subresources]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].api_version,
        "resources": entries,
    }


def _entry(resource: Resource) -> Object:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    return entry


def _subentry(resource: Resource, sub: Subresource) -> Object:
    entry: Object = {
        "name": f"{resource.plural}/{sub.name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": sub.kind,
        "verbs": list(sub.verbs),
    }
    if sub.version:
        entry |= {"group": sub.group, "version": sub.version}
    return entry


def _groups() -> list[str]:
    return list(dict.fromkeys(group for group, _ in group_versions()))


def _versions(group: str) -> list[str]:
    return [version for g, version in group_versions() if g == group]


def _of(group: str, version: str) -> Iterable[Resource]:
    return (r for r in RESOURCES if (r.group, r.version) == (group, version))
