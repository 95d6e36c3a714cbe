"""Discovery documents, aggregated and per group. Pure.

Rules
- All data comes from the catalog of kinds, in its order.
- Subresources follow their parent. Virtual resources (reviews) are included.

Follows apiserver/pkg/endpoints/discovery.
"""

from collections.abc import Iterable

from supervisor.kinds.base import Subresource
from supervisor.kinds.catalog import Catalog, Served
from supervisor.model.meta import Object

AGGREGATED_VERSIONS = ("v2", "v2beta1")
_AGGREGATED_GROUP = "apidiscovery.k8s.io"


def aggregated_type(version: str) -> str:
    """The media type of an aggregated document, which clients check."""
    return (
        f"application/json;g={_AGGREGATED_GROUP};v={version};as=APIGroupDiscoveryList"
    )


def aggregated(catalog: Catalog, version: str, *, core: bool) -> Object:
    """The aggregated document for /api (`core`) or /apis."""
    groups = [g for g in _groups(catalog) if (g == "") is core]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED_GROUP}/{version}",
        "metadata": {},
        "items": [_aggregated_group(catalog, group) for group in groups],
    }


def _aggregated_group(catalog: Catalog, group: str) -> Object:
    metadata = {"name": group} if group else {}
    versions = [
        {
            "version": version,
            "freshness": "Current",
            "resources": [
                _aggregated_resource(s) for s in _of(catalog, group, version)
            ],
        }
        for version in _versions(catalog, group)
    ]
    return {"metadata": metadata, "versions": versions}


def _aggregated_resource(served: Served) -> Object:
    resource, identity = served.resource, served.resource.identity
    entry: Object = {
        "resource": identity.plural,
        "responseKind": _kind(served.group, served.version, identity.kind),
        "scope": "Namespaced" if identity.namespaced else "Cluster",
        "singularResource": identity.singular,
        "verbs": list(resource.verbs),
    }
    entry |= _short_names(served)
    if resource.subresources:
        entry["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": _kind(
                    sub.group or served.group,
                    sub.version or served.version,
                    sub.kind,
                ),
                "verbs": list(sub.verbs),
            }
            for sub in resource.subresources
        ]
    return entry


def _kind(group: str, version: str, kind: str) -> Object:
    return {"group": group, "version": version, "kind": kind}


def core_versions(catalog: Catalog) -> Object:
    """The APIVersions document for /api."""
    return {
        "kind": "APIVersions",
        "versions": _versions(catalog, ""),
        "serverAddressByClientCIDRs": [],
    }


def group_list(catalog: Catalog) -> Object:
    """The APIGroupList for /apis."""
    groups = [_group(catalog, g) for g in _groups(catalog) if g]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(catalog: Catalog, name: str) -> Object | None:
    """The APIGroup for /apis/GROUP; None if there is no such group."""
    if not name or name not in _groups(catalog):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(catalog, name)}


def _group(catalog: Catalog, name: str) -> Object:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in _versions(catalog, name)
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def resource_list(catalog: Catalog, group: str, version: str) -> Object | None:
    """The APIResourceList for /api/v1 or /apis/GROUP/VERSION; None if not served."""
    found = list(_of(catalog, group, version))
    if not found:
        return None
    entries: list[Object] = []
    for served in found:
        entries.append(_entry(served))
        entries += [_subentry(served, sub) for sub in served.resource.subresources]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": found[0].api_version,
        "resources": entries,
    }


def _entry(served: Served) -> Object:
    resource, identity = served.resource, served.resource.identity
    entry: Object = {
        "name": identity.plural,
        "singularName": identity.singular,
        "namespaced": identity.namespaced,
        "kind": identity.kind,
        "verbs": list(resource.verbs),
    }
    entry |= _short_names(served)
    return entry


def _short_names(served: Served) -> Object:
    """Short names and categories, in the kind's own group only: in a second one they
    would be ambiguous, and `get all` would show each object twice."""
    resource = served.resource
    if served.group != resource.identity.group:
        return {}
    names = {"shortNames": resource.short_names, "categories": resource.categories}
    return {field: list(found) for field, found in names.items() if found}


def _subentry(served: Served, sub: Subresource) -> Object:
    identity = served.resource.identity
    entry: Object = {
        "name": f"{identity.plural}/{sub.name}",
        "singularName": "",
        "namespaced": identity.namespaced,
        "kind": sub.kind,
        "verbs": list(sub.verbs),
    }
    if sub.version:
        entry |= {"group": sub.group, "version": sub.version}
    return entry


def _groups(catalog: Catalog) -> list[str]:
    return list(dict.fromkeys(group for group, _ in catalog.group_versions()))


def _versions(catalog: Catalog, group: str) -> list[str]:
    return [version for g, version in catalog.group_versions() if g == group]


def _of(catalog: Catalog, group: str, version: str) -> Iterable[Served]:
    return (s for s in catalog.served if (s.group, s.version) == (group, version))
