"""Topology spread constraints.

Follows validateTopologySpreadConstraints of pkg/apis/core/validation/validation.go.
"""

from supervisor.model.affinity import DO_NOT_SCHEDULE, SCHEDULE_ANYWAY
from supervisor.model.errors import duplicate, invalid, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, report
from supervisor.model.validation.affinity import topology_key
from supervisor.model.validation.report import Errors

_WAYS = (DO_NOT_SCHEDULE, SCHEDULE_ANYWAY)
_POLICIES = ("Honor", "Ignore")
_NOT_POSITIVE = "must be greater than zero"


def check(constraints: list[Object], path: str) -> Errors:
    """What is wrong with the constraints of a pod's spec."""
    seen = set()
    for place, constraint in enumerate(constraints):
        field = f"{path}[{place}]"
        yield from _constraint(constraint, field)
        pair = (constraint.get("topologyKey"), constraint.get("whenUnsatisfiable"))
        if pair in seen:
            shown = f"{{{pair[0]}, {pair[1]}}}"
            yield duplicate(f"{field}.{{topologyKey, whenUnsatisfiable}}", shown)
        seen.add(pair)


def _constraint(constraint: Object, path: str) -> Errors:
    skew = constraint.get("maxSkew") or 0
    if skew <= 0:
        yield invalid(f"{path}.maxSkew", skew, _NOT_POSITIVE)
    yield from topology_key(constraint, path)
    way = constraint.get("whenUnsatisfiable")
    yield from report.one_of(f"{path}.whenUnsatisfiable", way, _WAYS)
    yield from _least_domains(constraint.get("minDomains"), way, f"{path}.minDomains")
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        policy = constraint.get(name)
        if policy is not None and policy not in _POLICIES:
            yield unsupported(f"{path}.{name}", policy, _POLICIES)
    selector = constraint.get("labelSelector")
    yield from label_selectors.check(selector, f"{path}.labelSelector")


def _least_domains(least: int | None, way: str | None, field: str) -> Errors:
    if least is None:
        return
    if least <= 0:
        yield invalid(field, least, _NOT_POSITIVE)
    if way in _WAYS and way != DO_NOT_SCHEDULE:
        detail = (
            f"can only use minDomains if whenUnsatisfiable={DO_NOT_SCHEDULE}, not {way}"
        )
        yield invalid(field, least, detail)
