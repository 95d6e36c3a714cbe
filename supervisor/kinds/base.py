"""The definition of a kind: everything that differs between kinds, as one value.

Rules
- Registry, routes, discovery, OpenAPI, tables, `describe`, deletion and garbage
  collection use this definition; none of them refers to a kind by name.
- Fields have no defaults, so that omitting one in a new kind is a type error. Common
  values have names (`NO_STATUS`, `BACKGROUND`, …).
- All functions are pure or modify only the object passed to them.

Follows the strategies of pkg/registry/*/*/strategy.go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from supervisor.kinds import ignored
from supervisor.kinds.columns import Printer
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import Identity
from supervisor.model.meta import Object, Value
from supervisor.model.selectors import FieldValue
from supervisor.model.validation.report import Errors

READ_VERBS = ("get", "list", "watch")
ALL_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
)
CHANGE_VERBS = ("get", "patch", "update")
CONNECT_VERBS = ("create", "get")

Change = Callable[[Object], None]
"""Modifies an object in place."""
Comparison = Callable[[Object, Object], None]
"""Modifies the new object (first argument), given the stored one (second)."""


def no_change(_obj: Object) -> None:
    """A `Change` that does nothing."""


def no_update_change(_new: Object, _old: Object) -> None:
    """A `Comparison` that does nothing."""


@dataclass(frozen=True)
class Admission:
    """Server settings and the current time, for completing new objects."""

    toleration_seconds: int
    """Default for how long pods tolerate a lost node."""
    now: float
    """Seconds since the epoch."""


def no_create_change(_obj: Object, _admission: Admission) -> None:
    """A `prepare_create` or `admit` that does nothing."""


@dataclass(frozen=True, kw_only=True)
class Writes:
    """Fields that the server defaults, sets or keeps when an object is written."""

    complete: Change
    """Sets defaults. Called for each write of the object; must be idempotent."""
    admit: Callable[[Object, Admission], None]
    """Called once for a new object, before defaults are set."""
    generation: bool
    """Whether `metadata.generation` counts changes of `spec`."""
    status: "Status"
    prepare_create: Callable[[Object, Admission], None]
    """Sets system fields of the kind; called after the common ones are set."""
    prepare_update: Comparison
    """Restores fields that an update cannot change, other than the status."""
    prepare_status: Comparison
    """Restores fields that an update of the status cannot change."""


@dataclass(frozen=True)
class Status:
    """Whether the status is a subresource."""

    separate: bool
    at_creation: bool
    """Whether the status may be set when the object is created."""


NO_STATUS = Status(separate=False, at_creation=False)
SEPARATE_STATUS = Status(separate=True, at_creation=False)
INITIAL_STATUS = Status(separate=True, at_creation=True)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Validation of objects after defaulting."""

    create: Callable[[Object], Errors]
    update: Callable[[Object, Object], Errors]
    status: Callable[[Object, Object], Errors]
    warnings: Callable[[Object], list[str]]
    """Warnings for deprecated values."""
    ignored: Callable[[Object], ignored.Findings]
    """Unsupported values of supported fields; called before `create`."""


def no_warnings(_obj: Object) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class SelectableFields:
    """Fields supported by field selectors, in addition to those of all kinds."""

    paths: frozenset[str]
    absent: Mapping[str, str]
    """Values of absent fields, if not the empty string."""
    value: Callable[[Object, str], FieldValue | None] = lambda _obj, _path: None
    """The value of a field that is not at its path; None to use the path."""


NO_FIELDS = SelectableFields(paths=frozenset(), absent={})


def never_refused(_name: str) -> str:
    return ""


def never_held(_obj: Object) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How objects of the kind are deleted."""

    default_propagation: str
    """The propagationPolicy if the request has none."""
    collected: bool
    """Whether the garbage collector handles owners and dependents of the kind."""
    answers_object: bool
    """Whether the response to a deletion is the object instead of a Status."""
    grace: Callable[[Object, int | None], int] | None
    """The grace period in seconds, given the object and the requested one.

    None if objects are deleted immediately.
    """
    refused: Callable[[str], str] = never_refused
    """Why the object with this name must not be deleted, or an empty string."""
    begin: Change = no_change
    """Marks an object as being deleted."""
    held: Callable[[Object], bool] = never_held
    """Whether anything besides `metadata.finalizers` blocks the deletion."""
    closes_namespace: bool = False
    """Whether the object is a namespace, which is locked while it is marked."""


BACKGROUND = Deletion(
    default_propagation="Background", collected=True, answers_object=False, grace=None
)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The `scale` subresource of a kind."""

    selector: Callable[[Object], str]
    """Returns the label selector of a parent as a string."""


@dataclass(frozen=True, kw_only=True)
class Subresource:
    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    """Group of `kind`, like `version`; empty for those of the parent."""
    version: str = ""
    write: Callable[["Kind", Object, Object], Object] | None = None
    """Returns the object to store, given (kind, new object, stored object).

    None if the subresource is not a part of the object.
    """
    scale: Scale | None = None


@dataclass(frozen=True, kw_only=True)
class OldVersion:
    """A served version other than the stored one. Functions modify objects in place."""

    group: str
    version: str
    schema: str
    """The schema text of this version; empty if it is in supervisor/model/schema."""
    complete: Change
    """Sets the defaults of this version that differ from the stored version."""
    to_stored: Change
    from_stored: Change

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind whose objects are stored."""

    identity: Identity
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    verbs: tuple[str, ...]
    subresources: tuple[Subresource, ...]
    value_type: type[Value] | None
    """The type with all supported fields; None if objects are only stored."""
    schema: str
    """The schema text of the kind; empty if it is in supervisor/model/schema."""
    writes: Writes
    rules: Rules
    fields: SelectableFields
    deletion: Deletion
    columns: Printer
    describe: Callable[[Page, Object, Reader], None]
    versions: tuple[OldVersion, ...]

    def subresource(self, name: str) -> Subresource | None:
        return next((s for s in self.subresources if s.name == name), None)

    def old_version(self, api_version: str) -> OldVersion | None:
        """The older version `api_version`; None if it is the stored one or unknown."""
        return next((v for v in self.versions if v.api_version == api_version), None)


@dataclass(frozen=True, kw_only=True)
class Review:
    """A kind that can only be created; it is answered and never stored."""

    identity: Identity
    answer: Callable[[str], Object]
    """Returns the status of a review by the given user."""

    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ("create",)
    subresources: tuple[Subresource, ...] = ()
    versions: tuple[OldVersion, ...] = ()

    def subresource(self, name: str) -> Subresource | None:
        return None

    def old_version(self, api_version: str) -> OldVersion | None:
        return None


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A kind that can only be read; its objects are computed and never stored."""

    identity: Identity
    columns: Printer

    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ("get", "list")
    subresources: tuple[Subresource, ...] = ()
    versions: tuple[OldVersion, ...] = ()

    def subresource(self, name: str) -> Subresource | None:
        return None

    def old_version(self, api_version: str) -> OldVersion | None:
        return None


Resource = Kind | Review | Computed
