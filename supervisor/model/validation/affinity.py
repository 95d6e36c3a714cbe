"""Affinity: to nodes, to pods, and away from pods.

Differs from Kubernetes: a bound of Gt or Lt that is no integer is refused here, not
only when the pod is scheduled.

Follows validateAffinity of pkg/apis/core/validation/validation.go.
"""

import re

from supervisor.model import names
from supervisor.model.affinity import PREFERRED, REQUIRED
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, report
from supervisor.model.validation.report import Errors

_MAX_WEIGHT = 100
_ONE_BOUND = "must be specified single value when `operator` is 'Lt' or 'Gt'"
_ONE_FIELD_VALUE = (
    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
)


def check(affinity: Object, path: str) -> Errors:
    """What is wrong with the affinity of a pod's spec."""
    yield from _node_affinity(
        affinity.get("nodeAffinity") or {}, f"{path}.nodeAffinity"
    )
    for kind in ("podAffinity", "podAntiAffinity"):
        yield from _pod_affinity(affinity.get(kind) or {}, f"{path}.{kind}")


# -- nodes


def _node_affinity(affinity: Object, path: str) -> Errors:
    needed = affinity.get(REQUIRED)
    if needed is not None:
        yield from check_node_selector(needed, f"{path}.{REQUIRED}")
    for place, preferred in enumerate(affinity.get(PREFERRED) or []):
        field = f"{path}.{PREFERRED}[{place}]"
        yield from _weight(preferred, field)
        yield from _node_term(preferred.get("preference") or {}, f"{field}.preference")


def check_node_selector(selector: Object, path: str) -> Errors:
    """Of a pod, or of a volume."""
    terms, field = selector.get("nodeSelectorTerms") or [], f"{path}.nodeSelectorTerms"
    if not terms:
        yield required(field, "must have at least one node selector term")
    for place, term in enumerate(terms):
        yield from _node_term(term, f"{field}[{place}]")


def _node_term(term: Object, path: str) -> Errors:
    for place, requirement in enumerate(term.get("matchExpressions") or []):
        yield from _expression(requirement, f"{path}.matchExpressions[{place}]")
    for place, requirement in enumerate(term.get("matchFields") or []):
        yield from _field(requirement, f"{path}.matchFields[{place}]")


def _expression(requirement: Object, path: str) -> Errors:
    if requirement.get("operator") in ("Gt", "Lt"):
        yield from _bound(requirement.get("values") or [], f"{path}.values")
    else:
        yield from label_selectors.operator_and_values(requirement, path)
    key = requirement.get("key") or ""
    yield from report.each(f"{path}.key", key, names.qualified(key))
    yield from label_selectors.label_values(requirement, path)


def _bound(values: list[str], field: str) -> Errors:
    if len(values) != 1:
        yield required(field, _ONE_BOUND)
    elif not re.fullmatch("[-+]?[0-9]+", values[0]):
        detail = "for 'Gt', 'Lt' operators, the value must be an integer"
        yield invalid(f"{field}[0]", values[0], detail)


def _field(requirement: Object, path: str) -> Errors:
    operator, values = requirement.get("operator"), requirement.get("values") or []
    if operator not in ("In", "NotIn"):
        detail = "not a valid selector operator"
        yield invalid(f"{path}.operator", operator or "", detail)
    elif len(values) != 1:
        yield required(f"{path}.values", _ONE_FIELD_VALUE)
    key = requirement.get("key") or ""
    if key != "metadata.name":
        yield invalid(f"{path}.key", key, "not a valid field selector key")
        return
    for place, value in enumerate(values):
        field = f"{path}.values[{place}]"
        yield from report.each(field, value, names.dns_subdomain(value))


# -- pods


def _pod_affinity(affinity: Object, path: str) -> Errors:
    for place, term in enumerate(affinity.get(REQUIRED) or []):
        yield from _pod_term(term, f"{path}.{REQUIRED}[{place}]")
    for place, preferred in enumerate(affinity.get(PREFERRED) or []):
        field = f"{path}.{PREFERRED}[{place}]"
        yield from _weight(preferred, field)
        term = preferred.get("podAffinityTerm") or {}
        yield from _pod_term(term, f"{field}.podAffinityTerm")


def _pod_term(term: Object, path: str) -> Errors:
    for field in ("labelSelector", "namespaceSelector"):
        yield from label_selectors.check(term.get(field), f"{path}.{field}")
    for place, name in enumerate(term.get("namespaces") or []):
        field = f"{path}.namespaces[{place}]"
        yield from report.each(field, name, names.dns_label(name))
    yield from topology_key(term, path)


def topology_key(term: Object, path: str) -> Errors:
    key = term.get("topologyKey") or ""
    if not key:
        yield required(f"{path}.topologyKey", "can not be empty")
    else:
        yield from report.each(f"{path}.topologyKey", key, names.qualified(key))


def _weight(preferred: Object, path: str) -> Errors:
    weight = preferred.get("weight") or 0
    if not 1 <= weight <= _MAX_WEIGHT:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100")
