"""Resource requests and limits.

Follows ValidateContainerResourceRequirements of
pkg/apis/core/validation/validation.go and pkg/apis/core/helper/helpers.go.
"""

from supervisor.model import names, quantities
from supervisor.model.errors import forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.quantities import Quantity
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_OF_CONTAINERS = ("cpu", "memory", "ephemeral-storage")
_STANDARD = (*_OF_CONTAINERS, "storage", "pods", "services", "secrets", "configmaps")
_HUGE_PAGES = "hugepages-"


def check(resources: Object, path: str) -> Errors:
    """What is wrong with the `resources` of a container."""
    given = {kind: resources.get(kind) or {} for kind in ("limits", "requests")}
    for kind, amounts in given.items():
        for name in sorted(amounts):
            field = f"{path}.{kind}[{name}]"
            yield from _name(name, field)
            yield from amount(name, amounts[name], field)
            if kind == "requests":
                yield from _within_limit(name, given, path)
    used = {*given["limits"], *given["requests"]}
    huge = any(name.startswith(_HUGE_PAGES) for name in used)
    if huge and not used & {"cpu", "memory"}:
        yield forbidden_field(path, "HugePages require cpu or memory")


def amount(name: str, text: quantities.Text, field: str) -> Errors:
    """What is wrong with an amount of a resource."""
    try:
        quantity = quantities.parse(text)
    except ValueError as error:
        yield invalid(field, text, str(error))
        return
    if quantity.amount < 0:
        yield invalid(field, str(quantity), report.NOT_NEGATIVE)
    if _is_extended(name) and quantity.amount.denominator != 1:
        yield invalid(field, str(quantity), "must be an integer")


def _name(name: str, field: str) -> Errors:
    wrong = names.qualified(name)
    yield from report.each(field, name, wrong)
    if wrong or "/" in name:
        return
    huge = name.startswith(_HUGE_PAGES)
    if name not in _STANDARD and not huge:
        detail = "must be a standard resource type or fully qualified"
        yield invalid(field, name, detail)
    if name not in _OF_CONTAINERS and not huge:
        yield invalid(field, name, "must be a standard resource for containers")


def _within_limit(name: str, given: dict[str, Object], path: str) -> Errors:
    requested = _parsed(given["requests"][name])
    limited = _parsed(given["limits"].get(name))
    overcommits = not _is_extended(name) and not name.startswith(_HUGE_PAGES)
    if requested is None:
        return
    if limited is None:
        if not overcommits:
            detail = "Limit must be set for non overcommitable resources"
            yield required(f"{path}.limits", detail)
    elif not overcommits and requested.amount != limited.amount:
        detail = f"must be equal to {name} limit of {limited}"
        yield invalid(f"{path}.requests", str(requested), detail)
    elif requested.amount > limited.amount:
        detail = f"must be less than or equal to {name} limit of {limited}"
        yield invalid(f"{path}.requests", str(requested), detail)


def _parsed(text: quantities.Text | None) -> Quantity | None:
    try:
        return None if text is None else quantities.parse(text)
    except ValueError:
        return None


def _is_extended(name: str) -> bool:
    """A resource of somebody else's: whole numbers, and never shared out twice."""
    return "/" in name and "kubernetes.io/" not in name
