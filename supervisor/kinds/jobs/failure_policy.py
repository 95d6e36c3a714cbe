"""Rules of `podFailurePolicy`.

Follows validatePodFailurePolicy of pkg/apis/batch/validation/validation.go.
"""

from supervisor.model.errors import duplicate, invalid, required, too_many, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation.report import Errors

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MAX_RULES, _MAX_CODES, _MAX_CONDITIONS = 20, 255, 20


def check(spec: Object, path: str) -> Errors:
    policy = spec.get("podFailurePolicy")
    if policy is None:
        return
    pod = (spec.get("template") or {}).get("spec") or {}
    if pod.get("restartPolicy") != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        field = f"{path}.template.spec.restartPolicy"
        yield invalid(field, pod.get("restartPolicy") or "", detail)
    rules = policy.get("rules") or []
    where = f"{path}.podFailurePolicy.rules"
    if len(rules) > _MAX_RULES:
        yield too_many(where, len(rules), _MAX_RULES)
    names = {
        c.get("name")
        for row in ("initContainers", "containers")
        for c in pod.get(row) or []
    }
    for place, rule in enumerate(rules):
        yield from _rule(spec, rule, f"{where}[{place}]", names)


def _rule(spec: Object, rule: Object, path: str, names: set[str]) -> Errors:
    action = rule.get("action") or ""
    if not action:
        yield required(f"{path}.action", f"valid values: {list(_ACTIONS)}")
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        detail = "requires the backoffLimitPerIndex to be set"
        yield invalid(f"{path}.action", action, detail)
    elif action not in _ACTIONS:
        yield unsupported(f"{path}.action", action, _ACTIONS)
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if codes is not None:
        yield from _codes(codes, f"{path}.onExitCodes", names)
    if len(conditions) > _MAX_CONDITIONS:
        yield too_many(f"{path}.onPodConditions", len(conditions), _MAX_CONDITIONS)
    for place, each in enumerate(conditions):
        yield from _condition(each, f"{path}.onPodConditions[{place}]")
    if codes is not None and conditions:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        yield invalid(path, rule, detail)
    if codes is None and not conditions:
        detail = "specifying one of OnExitCodes and OnPodConditions is required"
        yield invalid(path, rule, detail)


def _codes(codes: Object, path: str, names: set[str]) -> Errors:
    operator = codes.get("operator") or ""
    if not operator:
        yield required(f"{path}.operator", f"valid values: {list(_OPERATORS)}")
    elif operator not in _OPERATORS:
        yield unsupported(f"{path}.operator", operator, _OPERATORS)
    name = codes.get("containerName")
    if name and name not in names:
        detail = "must be one of the container or initContainer names in the pod "
        detail += "template"
        yield invalid(f"{path}.containerName", name, detail)
    values = codes.get("values") or []
    if not values:
        yield invalid(f"{path}.values", values, "at least one value is required")
    elif len(values) > _MAX_CODES:
        yield too_many(f"{path}.values", len(values), _MAX_CODES)
    for place, value in enumerate(values):
        if value in values[:place]:
            yield duplicate(f"{path}.values[{place}]", value)
        if operator == "In" and value == 0:
            detail = "must not be 0 for the In operator"
            yield invalid(f"{path}.values[{place}]", value, detail)
    if values != sorted(values):
        yield invalid(f"{path}.values", values, "must be ordered")


def _condition(condition: Object, path: str) -> Errors:
    if not condition.get("type"):
        yield required(f"{path}.type")
    status = condition.get("status") or ""
    if not status:
        yield required(f"{path}.status", f"valid values: {list(_STATUSES)}")
    elif status not in _STATUSES:
        yield unsupported(f"{path}.status", status, _STATUSES)
