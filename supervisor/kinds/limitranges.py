"""LimitRange: limits and defaults for single objects of a namespace. Only stored.

Follows ValidateLimitRange of pkg/apis/core/validation/validation.go and
SetDefaults_LimitRangeItem of pkg/apis/core/v1/defaults.go.

Differs from Kubernetes: nothing acts upon it, which a warning says.
"""

from collections.abc import Iterator
from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    Kind,
    Rules,
)
from supervisor.kinds.columns import NAME, Cell, Column, Printer, get, name_of
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import LIMIT_RANGE
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.model import names, quantities
from supervisor.model.errors import duplicate, forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report, resources
from supervisor.model.validation.report import Errors

_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_AMOUNTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_ORDER = (
    ("min", "max", "min", "min value {0} is greater than max value {1}"),
    (
        "min",
        "defaultRequest",
        "defaultRequest",
        "min value {0} is greater than default request value {1}",
    ),
    (
        "defaultRequest",
        "max",
        "defaultRequest",
        "default request value {0} is greater than max value {1}",
    ),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "default request value {0} is greater than default limit value {1}",
    ),
    ("min", "default", "default", "min value {0} is greater than default value {1}"),
    ("default", "max", "default", "default value {0} is greater than max value {1}"),
)
"""The less, the more, which of them is wrong otherwise, and why."""
TITLES = (
    "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
)
DASHES = (
    "----\t--------\t---\t---\t---------------\t-------------\t-----------------------"
)


def complete(limit_range: Object) -> None:
    for item in limit_range.setdefault("spec", {}).get("limits") or []:
        if item.get("type") != "Container":
            continue
        limits = (item.get("max") or {}) | (item.get("default") or {})
        requests = (item.get("min") or {}) | limits | (item.get("defaultRequest") or {})
        for field, amounts in (("default", limits), ("defaultRequest", requests)):
            if amounts:
                item[field] = amounts


def warnings(_limit_range: Object) -> list[str]:
    return ["LimitRanges are stored, but not enforced yet"]


def _check(limit_range: Object) -> Errors:
    yield from metadata.check(
        limit_range["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _limits(limit_range)


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _limits(new)


def _limits(limit_range: Object) -> Errors:
    seen: set[str] = set()
    for place, item in enumerate((limit_range.get("spec") or {}).get("limits") or []):
        path, kind = f"spec.limits[{place}]", item.get("type") or ""
        yield from report.each(f"{path}.type", kind, names.qualified(kind))
        if "/" not in kind and kind not in _TYPES:
            detail = "must be a standard limit type or fully qualified"
            yield invalid(f"{path}.type", kind, detail)
        if kind in seen:
            yield duplicate(f"{path}.type", kind)
        seen.add(kind)
        yield from _item(item, kind, path)


def _item(item: Object, kind: str, path: str) -> Errors:
    for field in ("default", "defaultRequest") if kind == "Pod" else ():
        if item.get(field):
            detail = "may not be specified when `type` is 'Pod'"
            yield forbidden_field(f"{path}.{field}", detail)
    bounds = {*(item.get("min") or {}), *(item.get("max") or {})}
    if kind == "PersistentVolumeClaim" and "storage" not in bounds:
        detail = "either minimum or maximum storage value is required, but neither was "
        yield required(f"{path}.limits", f"{detail}provided")
    for field in _AMOUNTS:
        for name, amount in sorted((item.get(field) or {}).items()):
            yield from resources.amount(name, amount, f"{path}.{field}[{name}]")
    for low, high, wrong, detail in _ORDER:
        for name, less, more in _common(item, low, high):
            if quantities.parse(less).amount > quantities.parse(more).amount:
                given = (item.get(wrong) or {})[name]
                text = detail.format(less, more)
                yield invalid(f"{path}.{wrong}[{name}]", given, text)


def _common(item: Object, low: str, high: str) -> Iterator[tuple[str, str, str]]:
    """Resources that have both amounts, as far as they can be read."""
    some, others = item.get(low) or {}, item.get(high) or {}
    for name in sorted({*some} & {*others}):
        try:
            shown = [quantities.canonical(given[name]) for given in (some, others)]
        except ValueError:
            continue
        yield name, shown[0], shown[1]


def _cells(limit_range: Object, _now: float) -> list[Cell]:
    created = get(limit_range, "metadata.creationTimestamp", "")
    return [name_of(limit_range), str(created)]


def rows(limit_range: Object) -> Iterator[str]:
    """A row of the description for each resource that is limited."""
    columns = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in get(limit_range, "spec.limits", ()):
        for name in sorted({n for field in columns for n in item.get(field) or {}}):
            amounts = [str((item.get(f) or {}).get(name, "-")) for f in columns]
            yield "\t".join([str(item.get("type")), name, *amounts])


def describe(page: Page, limit_range: Object, _reader: Reader) -> None:
    """Follows describeLimitRange of kubectl/pkg/describe/describe.go."""
    meta = limit_range["metadata"]
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    page.line(0, TITLES)
    page.line(0, DASHES)
    for row in rows(limit_range):
        page.line(0, row)


_CREATED = Column("Created At", "When it was created.", "date")

KIND = Kind(
    identity=LIMIT_RANGE,
    short_names=("limits",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=None,
    schema="",
    writes=replace(DATA_WRITES, complete=complete),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=check_metadata_update,
        warnings=warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer((NAME, _CREATED), _cells),
    describe=describe,
    versions=(),
)
