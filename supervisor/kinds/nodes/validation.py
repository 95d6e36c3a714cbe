"""Validation of Nodes.

Follows ValidateNode and ValidateNodeUpdate of pkg/apis/core/validation/validation.go.
"""

import ipaddress

from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import duplicate, forbidden_field, invalid
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, resources, taints
from supervisor.model.validation.report import Errors

_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def check(node: Object) -> Errors:
    yield from metadata.check(
        node["metadata"], namespaced=False, name_check=names.dns_subdomain
    )
    yield from _taints(node)
    yield from _amounts(node)
    yield from _pod_cidrs((node.get("spec") or {}).get("podCIDRs") or [])


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _amounts(new)
    yield from _addresses((new.get("status") or {}).get("addresses") or [])
    now, before = new.get("spec") or {}, old.get("spec") or {}
    for field, shown in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        if before.get(field) and not same(now.get(field), before[field]):
            detail = f'node updates may not change {shown} except from "" to valid'
            yield forbidden_field(f"spec.{field}", detail)
    yield from _taints(new)


def _taints(node: Object) -> Errors:
    # Upstream reports the path metadata.taints, where taints once were.
    given = (node.get("spec") or {}).get("taints") or []
    yield from taints.check_taints(given, "metadata.taints")


def _amounts(node: Object) -> Errors:
    status = node.get("status") or {}
    for kind in ("capacity", "allocatable"):
        for name, amount in sorted((status.get(kind) or {}).items()):
            yield from resources.amount(name, amount, f"status.{kind}.{name}")


def _addresses(addresses: list[Object]) -> Errors:
    for place, address in enumerate(addresses):
        if address in addresses[:place]:
            yield duplicate(f"status.addresses[{place}]", address)


def _pod_cidrs(cidrs: list[str]) -> Errors:
    field = "spec.podCIDRs"
    families: set[int] = set()
    for place, cidr in enumerate(cidrs):
        try:
            families.add(ipaddress.ip_network(cidr, strict=False).version)
        except ValueError:
            yield invalid(f"{field}[{place}]", cidr, _CIDR)
        if cidr in cidrs[:place]:
            yield duplicate(f"{field}[{place}]", cidr)
    if len(cidrs) > max(1, len(families)):
        detail = "may specify no more than one CIDR for each IP family"
        yield invalid(field, cidrs, detail)
