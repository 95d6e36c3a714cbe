"""Taints of nodes, and what pods tolerate.

Follows validateNodeTaints and ValidateTolerations of
pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import (
    FieldError,
    duplicate,
    forbidden_field,
    invalid,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def check_tolerations(tolerations: list[Object], path: str) -> Errors:
    for place, toleration in enumerate(tolerations):
        yield from _toleration(toleration, f"{path}[{place}]")


def check_only_added(new: list[Object], old: list[Object], path: str) -> Errors:
    """Tolerations may only be added; of the old ones the seconds may change."""
    kept = [_without_seconds(t) for t in new]
    if not all(any(same(_without_seconds(t), k) for k in kept) for t in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        yield forbidden_field(path, detail)
        return
    yield from check_tolerations(new, path)


def _without_seconds(toleration: Object) -> Object:
    return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}


def _toleration(toleration: Object, path: str) -> Errors:
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    effect = toleration.get("effect") or ""
    if key:
        yield from report.each(f"{path}.key", key, names.qualified(key))
    elif operator != "Exists":
        detail = (
            "operator must be Exists when `key` is empty, which means "
            '"match all values and all keys"'
        )
        yield invalid(f"{path}.operator", operator, detail)
    seconds = toleration.get("tolerationSeconds")
    if seconds is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid(f"{path}.effect", effect, detail)
    yield from _operator(operator, toleration.get("value") or "", f"{path}.operator")
    if effect:
        yield from report.one_of(f"{path}.effect", effect, _EFFECTS)


def _operator(operator: str, value: str, field: str) -> Errors:
    match operator:
        case "" | "Equal":
            wrong = names.label_value(value)
            if wrong:
                yield invalid(field, value, ";".join(wrong))
        case "Exists":
            if value:
                detail = "value must be empty when `operator` is 'Exists'"
                yield invalid(field, value, detail)
        case _:
            yield unsupported(field, operator, ("Equal", "Exists"))


def check_taints(taints: list[Object], path: str) -> Errors:
    seen: set[tuple[str, str]] = set()
    for place, taint in enumerate(taints):
        field = f"{path}[{place}]"
        key, value = taint.get("key") or "", taint.get("value") or ""
        effect = taint.get("effect") or ""
        yield from report.each(f"{field}.key", key, names.qualified(key))
        wrong = names.label_value(value)
        if wrong:
            yield invalid(f"{field}.value", value, ";".join(wrong))
        yield from report.one_of(f"{field}.effect", effect, _EFFECTS)
        if (key, effect) in seen:
            plain = duplicate(field, taint)
            detail = "taints must be unique by key and effect pair"
            yield FieldError(plain.reason, field, f"{plain.message}: {detail}")
        seen.add((key, effect))
