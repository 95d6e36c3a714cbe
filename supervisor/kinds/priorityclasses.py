"""PriorityClass: names a priority of pods.

Follows pkg/apis/scheduling/validation/validation.go and
pkg/registry/scheduling/priorityclass/storage/storage.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    Admission,
    Kind,
    Rules,
    no_warnings,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    labels_text,
    name_of,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import PRIORITY_CLASS
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.kinds.workloads.versions import same_fields
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import forbidden_field, invalid, unsupported
from supervisor.model.meta import Object
from supervisor.model.priority_class import (
    HIGHEST_OF_USERS,
    SYSTEM,
    SYSTEM_PREFIX,
    PriorityClass,
)
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_POLICIES = ("Never", "PreemptLowerPriority")
_SYSTEM = {each.metadata.name: each for each in SYSTEM}


def complete(priority_class: Object) -> None:
    priority_class.setdefault("preemptionPolicy", "PreemptLowerPriority")


def prepare_create(priority_class: Object, _admission: Admission) -> None:
    priority_class["metadata"]["generation"] = 1


def _check(priority_class: Object) -> Errors:
    meta, value = priority_class["metadata"], priority_class.get("value") or 0
    yield from metadata.check(meta, namespaced=False, name_check=names.dns_subdomain)
    if (meta.get("name") or "").startswith(SYSTEM_PREFIX):
        yield from _system(priority_class)
    elif value > HIGHEST_OF_USERS:
        detail = "maximum allowed value of a user defined priority is "
        yield forbidden_field("value", f"{detail}{HIGHEST_OF_USERS}")
    policy = priority_class.get("preemptionPolicy")
    if policy is not None and policy not in _POLICIES:
        yield unsupported("preemptionPolicy", policy, _POLICIES[::-1])


def _system(priority_class: Object) -> Errors:
    name = str(priority_class["metadata"]["name"])
    known = _SYSTEM.get(name)
    if known is None:
        wrong = f"{name} is not a known system priority class"
    elif (priority_class.get("value") or 0) != known.value:
        wrong = f"value of {name} PriorityClass must be {known.value}"
    elif priority_class.get("globalDefault"):
        wrong = f"globalDefault of {name} PriorityClass must be false"
    else:
        return
    detail = (
        f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system "
        f"use only. error: {wrong}"
    )
    yield forbidden_field("metadata.name", detail)


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    if (new.get("value") or 0) != (old.get("value") or 0):
        yield forbidden_field("value", "may not be changed in an update.")
    field = "preemptionPolicy"
    if not same(new.get(field), old.get(field)):
        yield invalid(field, new.get(field), report.IMMUTABLE)


def refused(name: str) -> str:
    if name not in _SYSTEM:
        return ""
    return "this is a system priority class and cannot be deleted"


def _cells(priority_class: Object, now: float) -> list[Cell]:
    return [
        name_of(priority_class),
        get(priority_class, "value", 0),
        bool(get(priority_class, "globalDefault")),
        age_of(priority_class, now),
        get(priority_class, "preemptionPolicy", ""),
    ]


def describe(page: Page, priority_class: Object, reader: Reader) -> None:
    """Follows describePriorityClass of kubectl/pkg/describe/describe.go."""
    meta = priority_class["metadata"]
    is_default = str(bool(priority_class.get("globalDefault"))).lower()
    shown = [
        ("Name", meta["name"]),
        ("Value", priority_class.get("value", 0)),
        ("GlobalDefault", is_default),
        ("PreemptionPolicy", priority_class.get("preemptionPolicy", "")),
        ("Description", priority_class.get("description", "")),
        ("Annotations", labels_text(meta.get("annotations"))),
    ]
    for title, value in shown:
        page.line(0, f"{title}:\t{value}")
    write_events(page, reader.events(priority_class))


_COLUMNS = (
    NAME,
    Column("Value", "The priority; higher is more important.", "integer"),
    Column("Global-Default", "Whether pods without a class have it.", "boolean"),
    AGE,
    Column("PreemptionPolicy", "Whether pods make room for them.", wide=True),
)

KIND = Kind(
    identity=PRIORITY_CLASS,
    short_names=("pc",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=PriorityClass,
    schema="",
    writes=replace(DATA_WRITES, complete=complete, prepare_create=prepare_create),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=replace(BACKGROUND, refused=refused),
    columns=Printer(_COLUMNS, _cells),
    describe=describe,
    versions=(same_fields("scheduling.k8s.io", "v1beta1"),),
)
