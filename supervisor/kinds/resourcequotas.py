"""ResourceQuota: limits for a namespace as a whole. Only stored.

Follows ValidateResourceQuotaSpec of pkg/apis/core/validation/validation.go.

Differs from Kubernetes: nothing acts upon it, which a warning says.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Kind,
    Rules,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import RESOURCE_QUOTA
from supervisor.kinds.parts import (
    DATA_WRITES,
    check_metadata_update,
    status_subresource,
)
from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report, resources
from supervisor.model.validation.report import Errors

_SCOPES = {
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
}
_CONFLICTING = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def complete(quota: Object) -> None:
    quota.setdefault("spec", {})


def warnings(_quota: Object) -> list[str]:
    return ["ResourceQuotas are stored, but not enforced yet"]


def _check(quota: Object) -> Errors:
    yield from metadata.check(
        quota["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(quota.get("spec") or {})


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})
    scopes, before = (get(obj, "spec.scopes", []) for obj in (new, old))
    if set(scopes) != set(before):
        yield invalid("spec.scopes", scopes, report.IMMUTABLE)


def _spec(spec: Object) -> Errors:
    for name, amount in sorted((spec.get("hard") or {}).items()):
        field = f"spec.hard[{name}]"
        yield from report.each(field, name, names.qualified(name))
        yield from resources.amount(name, amount, field)
    scopes = spec.get("scopes") or []
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid("spec.scopes", scopes, "unsupported scope")
    for pair in _CONFLICTING:
        if set(pair) <= set(scopes):
            yield invalid("spec.scopes", scopes, "conflicting scopes")


def _hard(quota: Object) -> dict[str, str]:
    """The limits. Nothing counts yet, so that the status may lack them."""
    hard: dict[str, str] = get(quota, "status.hard") or get(quota, "spec.hard", {})
    return hard


def _cells(quota: Object, now: float) -> list[Cell]:
    hard, used = _hard(quota), get(quota, "status.used", {})
    shown: dict[bool, list[str]] = {False: [], True: []}
    for name in sorted(hard):
        text = f"{name}: {used.get(name, '0')}/{hard[name]}"
        shown[name.startswith("limits.")].append(text)
    lists = [", ".join(shown[is_limit]) for is_limit in (False, True)]
    return [name_of(quota), *lists, age_of(quota, now)]


def rows(quota: Object) -> list[str]:
    """A row of the description for each resource that is counted."""
    hard, used = _hard(quota), get(quota, "status.used", {})
    return [f"{n}\t{used.get(n, '0')}\t{hard[n]}" for n in sorted(hard)]


def describe(page: Page, quota: Object, _reader: Reader) -> None:
    """Follows describeQuota of kubectl/pkg/describe/describe.go."""
    meta, scopes = quota["metadata"], sorted(get(quota, "spec.scopes", ()))
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    if scopes:
        page.line(0, f"Scopes:\t{', '.join(scopes)}")
    page.line(0, "Resource\tUsed\tHard")
    page.line(0, "--------\t----\t----")
    for row in rows(quota):
        page.line(0, row)


_COLUMNS = (
    NAME,
    Column("Request", "What may be requested, and what is."),
    Column("Limit", "What limits may be together, and what they are."),
    AGE,
)

KIND = Kind(
    identity=RESOURCE_QUOTA,
    short_names=("quota",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(RESOURCE_QUOTA),),
    value_type=None,
    schema="",
    writes=replace(DATA_WRITES, complete=complete, status=SEPARATE_STATUS),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=check_metadata_update,
        warnings=warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=describe,
    versions=(),
)
