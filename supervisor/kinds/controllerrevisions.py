"""ControllerRevision: a template that a controller had at some time.

Follows pkg/registry/apps/controllerrevision/strategy.go and
ValidateControllerRevision of pkg/apis/apps/validation/validation.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    Kind,
    OldVersion,
    Rules,
    no_change,
    no_warnings,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.describing import generic
from supervisor.kinds.identity import CONTROLLER_REVISION
from supervisor.kinds.parts import DATA_WRITES
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors


def _check(revision: Object) -> Errors:
    yield from metadata.check(
        revision["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from report.not_negative("revision", revision.get("revision"))
    if revision.get("data") is None:
        yield required("data", "data is mandatory")
    elif not isinstance(revision["data"], dict):
        yield required("data", "data must be a valid JSON object")


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from report.not_negative("revision", new.get("revision"))
    if not same(new.get("data"), old.get("data")):
        yield invalid("data", new.get("data"), report.IMMUTABLE)


def _cells(revision: Object, now: float) -> list[Cell]:
    owners = get(revision, "metadata.ownerReferences", [])
    owner = next((o for o in owners if o.get("controller")), None)
    text = NONE
    if owner is not None:
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        kind = str(owner.get("kind", "")).lower()
        kind = f"{kind}.{group}" if group else kind
        text = f"{kind}/{owner.get('name')}"
    return [
        name_of(revision),
        text,
        get(revision, "revision", 0),
        age_of(revision, now),
    ]


_COLUMNS = (
    NAME,
    Column("Controller", "What the template belongs to."),
    Column("Revision", "Its number; a larger one is newer.", "integer"),
    AGE,
)


def _old(version: str) -> OldVersion:
    return OldVersion(
        group="apps",
        version=version,
        schema="",
        complete=no_change,
        to_stored=no_change,
        from_stored=no_change,
    )


KIND = Kind(
    identity=CONTROLLER_REVISION,
    short_names=(),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=None,
    schema="",
    writes=DATA_WRITES,
    rules=Rules(
        create=_check,
        update=_check_update,
        status=_check_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=generic.describe,
    versions=(_old("v1beta2"), _old("v1beta1")),
)
