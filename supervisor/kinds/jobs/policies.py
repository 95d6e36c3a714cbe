"""What a failed pod means to a Job, and when the Job has succeeded.

Follows validatePodFailurePolicy, validatePodReplacementPolicy and
validateSuccessPolicy of pkg/apis/batch/validation/validation.go.
"""

from supervisor.model import indexes, names
from supervisor.model.errors import (
    duplicate,
    invalid,
    invalid_as_a_whole,
    quoted,
    required,
    too_long,
    too_many,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_MAX_RULES = 20
_MAX_CONDITIONS = 20
_MAX_EXIT_CODES = 255
_MAX_INDEXES_LENGTH = 64 * 1024


def check_failure(spec: Object, path: str) -> Errors:
    rules = spec["podFailurePolicy"].get("rules") or []
    yield from _at_most(f"{path}.rules", rules, _MAX_RULES)
    pod = (spec.get("template") or {}).get("spec") or {}
    rows = (*(pod.get("containers") or ()), *(pod.get("initContainers") or ()))
    containers = {container.get("name") for container in rows}
    for place, rule in enumerate(rules):
        field = f"{path}.rules[{place}]"
        yield from _action(spec, rule, f"{field}.action")
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
        if codes is not None:
            yield from _exit_codes(codes, f"{field}.onExitCodes", containers)
        yield from _conditions(conditions, f"{field}.onPodConditions")
        if codes is not None and conditions:
            detail = "specifying both OnExitCodes and OnPodConditions is not supported"
            yield invalid_as_a_whole(field, detail)
        if codes is None and not conditions:
            detail = "specifying one of OnExitCodes and OnPodConditions is required"
            yield invalid_as_a_whole(field, detail)


def check_replacement(spec: Object, path: str) -> Errors:
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return
    is_strict = spec.get("podFailurePolicy") is not None
    allowed = ("Failed",) if is_strict else _REPLACEMENTS
    if policy not in allowed:
        yield unsupported(path, policy, allowed)


def check_success(spec: Object, path: str) -> Errors:
    rules = spec["successPolicy"].get("rules") or []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is "
        yield required(f"{path}.rules", f"{detail}specified")
    yield from _at_most(f"{path}.rules", rules, _MAX_RULES)
    completions = spec.get("completions") or 0
    for place, rule in enumerate(rules):
        yield from _success_rule(rule, completions, f"{path}.rules[{place}]")


def _at_most(field: str, found: list[Object], most: int) -> Errors:
    if len(found) > most:
        yield too_many(field, len(found), most)


def _action(spec: Object, rule: Object, field: str) -> Errors:
    action = rule.get("action") or ""
    if not action:
        yield required(field, f"valid values: {_listed(_ACTIONS)}")
    elif action not in _ACTIONS:
        yield unsupported(field, action, _ACTIONS)
    elif action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield invalid(field, action, "requires the backoffLimitPerIndex to be set")


def _conditions(patterns: list[Object], field: str) -> Errors:
    yield from _at_most(field, patterns, _MAX_CONDITIONS)
    for place, pattern in enumerate(patterns):
        kind, status = pattern.get("type") or "", pattern.get("status") or ""
        here = f"{field}[{place}]"
        yield from report.each(f"{here}.type", kind, names.qualified(kind))
        if not status:
            yield required(f"{here}.status", f"valid values: {_listed(_STATUSES)}")
        elif status not in _STATUSES:
            yield unsupported(f"{here}.status", status, _STATUSES)


def _exit_codes(codes: Object, field: str, containers: set[str | None]) -> Errors:
    operator, values = codes.get("operator") or "", codes.get("values") or []
    if not operator:
        yield required(f"{field}.operator", f"valid values: {_listed(_OPERATORS)}")
    elif operator not in _OPERATORS:
        yield unsupported(f"{field}.operator", operator, _OPERATORS)
    name = codes.get("containerName")
    if name is not None and name not in containers:
        detail = (
            "must be one of the container or initContainer names in the pod template"
        )
        yield invalid(f"{field}.containerName", name, detail)
    if not values:
        yield invalid(f"{field}.values", values, "at least one value is required")
    yield from _at_most(f"{field}.values", values, _MAX_EXIT_CODES)
    for place, value in enumerate(values):
        here = f"{field}.values[{place}]"
        if operator == "In" and value == 0:
            yield invalid(here, value, "must not be 0 for the In operator")
        if value in values[:place]:
            yield duplicate(here, value)
    if values != sorted(values):
        yield invalid(f"{field}.values", values, "must be ordered")


def _success_rule(rule: Object, completions: int, field: str) -> Errors:
    given, count = rule.get("succeededIndexes"), rule.get("succeededCount")
    if given is None and count is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        yield required(field, detail)
    total = 0
    if given is not None:
        here = f"{field}.succeededIndexes"
        if len(given) > _MAX_INDEXES_LENGTH:
            yield too_long(here, _MAX_INDEXES_LENGTH)
        try:
            total = indexes.count(indexes.parse(given, completions))
        except ValueError as error:
            yield invalid(here, given, f"error parsing succeededIndexes: {error}")
    if count is None:
        return
    here = f"{field}.succeededCount"
    yield from report.not_negative(here, count)
    if count > completions:
        detail = f"{completions} (the number of specified completions)"
        yield invalid(here, count, f"must be less than or equal to {detail}")
    if given is not None and count > total:
        detail = f"{total} (the number of indexes in the specified succeededIndexes"
        yield invalid(here, count, f"must be less than or equal to {detail} field)")


def _listed(allowed: tuple[str, ...]) -> str:
    return f"[{' '.join(quoted(value) for value in allowed)}]"
