"""Discovery documents."""

import pytest

from supervisor.api import discovery
from supervisor.kinds.all import CATALOG
from supervisor.model.meta import Object


def resources_of(document: Object) -> dict[str, Object]:
    """The entries of an aggregated document by plural."""
    return {
        resource["resource"]: resource
        for group in document["items"]
        for version in group["versions"]
        for resource in version["resources"]
    }


@pytest.mark.parametrize("version", discovery.AGGREGATED_VERSIONS)
def test_core_is_aggregated(version: str) -> None:
    """Names, kinds, scopes and subresources, in the requested version."""
    document = discovery.aggregated(CATALOG, version, core=True)
    pods = resources_of(document)["pods"]

    assert document["apiVersion"] == f"apidiscovery.k8s.io/{version}"
    assert document["items"][0]["metadata"] == {}
    assert pods["responseKind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert (pods["scope"], pods["singularResource"]) == ("Namespaced", "pod")
    assert (pods["shortNames"], pods["categories"]) == (["po"], ["all"])
    subresources = {s["subresource"]: s for s in pods["subresources"]}
    assert subresources["eviction"]["responseKind"]["group"] == "policy"
    assert {"log", "exec", "attach", "portforward"} <= subresources.keys()


def test_other_groups_are_aggregated_separately() -> None:
    """Without the core group."""
    document = discovery.aggregated(CATALOG, "v2", core=False)

    names = [group["metadata"]["name"] for group in document["items"]]
    assert "coordination.k8s.io" in names
    assert "configmaps" not in resources_of(document)


def test_legacy_discovery_has_the_same_content() -> None:
    """Old clients read each group separately."""
    assert discovery.core_versions(CATALOG)["versions"] == ["v1"]
    groups = {g["name"]: g for g in discovery.group_list(CATALOG)["groups"]}
    preferred = groups["coordination.k8s.io"]["preferredVersion"]
    assert preferred["groupVersion"] == "coordination.k8s.io/v1"
    found = discovery.resource_list(CATALOG, "", "v1")
    assert found is not None
    names = {r["name"]: r for r in found["resources"]}
    aggregated = resources_of(discovery.aggregated(CATALOG, "v2", core=True))

    assert {name for name in names if "/" not in name} == set(aggregated)
    assert names["pods/eviction"]["kind"] == "Eviction"
    assert (names["pods/eviction"]["group"], names["pods/eviction"]["version"]) == (
        "policy",
        "v1",
    )
    assert names["namespaces"]["namespaced"] is False


def test_unknown_groups_have_no_document() -> None:
    """Nor do unknown versions."""
    assert discovery.group(CATALOG, "admission") is None
    assert discovery.group(CATALOG, "") is None
    assert discovery.resource_list(CATALOG, "", "v2") is None
    assert discovery.resource_list(CATALOG, "admission", "v1") is None


def test_read_only_kinds_have_only_read_verbs() -> None:
    """Clients learn that there are no custom resources, and why."""
    found = resources_of(discovery.aggregated(CATALOG, "v2", core=False))
    definitions = found["customresourcedefinitions"]

    assert definitions["verbs"] == ["get", "list", "watch"]
    assert definitions["shortNames"] == ["crd", "crds"]
    assert discovery.group(CATALOG, "apiextensions.k8s.io") is not None
