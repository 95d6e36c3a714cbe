"""What a kind is: everything that differs from one kind to another, as one value.

Rules
- Registry, routes, discovery, OpenAPI, tables, `describe`, deletion and garbage
  collection read this description; none of them knows a kind by name.
- No part has a default: what a new kind forgets is a type error, not a fallback.
  Common parts have names to be given (`NO_STATUS`, `BACKGROUND`, …).
- Every function here is pure, or changes only the object that it is given.

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
"""Changes an object in place."""
Comparison = Callable[[Object, Object], None]
"""Changes the first object, the new one; the second is the stored one."""


def leave(_obj: Object) -> None:
    """A `Change` that changes nothing."""


def leave_update(_new: Object, _old: Object) -> None:
    """A `Comparison` that changes nothing."""


@dataclass(frozen=True)
class Admission:
    """Settings of the server that new objects are completed from, and the instant."""

    toleration_seconds: int
    """How long a pod that says nothing about it tolerates a lost node."""
    now: float


def leave_new(_obj: Object, _admission: Admission) -> None:
    """Nothing of its own is set on a new object."""


@dataclass(frozen=True, kw_only=True)
class Writes:
    """What the server fills in, sets and keeps when an object is written."""

    complete: Change
    """Fills in defaults. Called for each write of the object; idempotent."""
    admit: Callable[[Object, Admission], None]
    """Called once for a new object, as its user wrote it, before its defaults."""
    generation: bool
    """Whether `metadata.generation` counts the changes of `spec`."""
    status: "Status"
    prepare_create: Callable[[Object, Admission], None]
    """Sets what only the system sets; the common fields are done already."""
    prepare_update: Comparison
    """Keeps what a write of the object cannot change, besides its status."""
    prepare_status: Comparison
    """Keeps what a write of the status cannot change."""


@dataclass(frozen=True)
class Status:
    """Whether an object's status is written apart from the rest of it."""

    separate: bool
    at_creation: bool
    """Whoever creates the object may give its first status."""


NO_STATUS = Status(separate=False, at_creation=False)
SEPARATE_STATUS = Status(separate=True, at_creation=False)
INITIAL_STATUS = Status(separate=True, at_creation=True)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is wrong with an object that has its defaults."""

    create: Callable[[Object], Errors]
    update: Callable[[Object, Object], Errors]
    status: Callable[[Object, Object], Errors]
    warnings: Callable[[Object], list[str]]
    """What is accepted, but will not be for ever."""
    ignored: Callable[[Object], ignored.Findings]
    """Values that are not acted upon, of fields that are; called before `create`."""


def no_warnings(_obj: Object) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class SelectableFields:
    """What field selectors may name, besides what every kind has."""

    paths: frozenset[str]
    absent: Mapping[str, str]
    """What an absent field counts as, where that is not the empty string."""
    value: Callable[[Object, str], FieldValue | None] = lambda _obj, _path: None
    """A value that is not at its path; None: look at the path."""


NO_FIELDS = SelectableFields(paths=frozenset(), absent={})


def never_refused(_name: str) -> str:
    return ""


def never_held(_obj: Object) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """How objects of the kind end."""

    default_propagation: str
    """What a deletion without a propagationPolicy means for dependents."""
    collected: bool
    """The garbage collector looks after owners and dependents of the kind."""
    answers_object: bool
    """A deletion answers the object rather than a Status."""
    grace: Callable[[Object, int | None], int] | None
    """Seconds that an object gets, given those asked for; None: it ends at once."""
    refused: Callable[[str], str] = never_refused
    """Why the object of that name may never be deleted; empty if it may."""
    begin: Change = leave
    """Marks an object whose deletion begins."""
    held: Callable[[Object], bool] = never_held
    """Whether more than `metadata.finalizers` holds a deleted object back."""
    closes_namespace: bool = False
    """Nothing is created in the namespace of that name while its deletion begins."""


BACKGROUND = Deletion(
    default_propagation="Background", collected=True, answers_object=False, grace=None
)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The `scale` subresource: where its selector comes from."""

    selector: Callable[[Object], str]
    """The label selector of a parent, as text."""


@dataclass(frozen=True, kw_only=True)
class Subresource:
    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    """Of its kind, as is `version`; empty for the parent's own."""
    version: str = ""
    write: Callable[["Kind", Object, Object], Object] | None = None
    """What is stored for an object of the parent's kind that was sent here, given
    (kind, sent, stored). None for what is no part of the object."""
    scale: Scale | None = None


@dataclass(frozen=True, kw_only=True)
class OldVersion:
    """A version besides the one that is stored. Functions change objects in place."""

    group: str
    version: str
    schema: str
    """Text of its schema; empty where supervisor/model/schema has it."""
    complete: Change
    """Fills in defaults that this version has and the stored one has otherwise."""
    to_stored: Change
    from_stored: Change

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind whose objects are stored."""

    identity: Identity
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    verbs: tuple[str, ...]
    subresources: tuple[Subresource, ...]
    value_type: type[Value] | None
    """The fields that we honour; None: all of them are only kept."""
    schema: str
    """Text of the kind's schema; empty where supervisor/model/schema has it."""
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
        """The version of that name that is not the stored one."""
        return next((v for v in self.versions if v.api_version == api_version), None)


@dataclass(frozen=True, kw_only=True)
class Review:
    """A kind that can only be created, is answered at once and never stored."""

    identity: Identity
    answer: Callable[[str], Object]
    """The status of a review by the user of that name."""

    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ("create",)
    subresources: tuple[Subresource, ...] = ()
    versions: tuple[OldVersion, ...] = ()

    def subresource(self, name: str) -> Subresource | None:
        return None

    def old_version(self, api_version: str) -> OldVersion | None:
        return None


Resource = Kind | Review
