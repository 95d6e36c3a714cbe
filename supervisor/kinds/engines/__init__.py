"""Engine: a Docker engine that is a node. Ours, with no counterpart upstream."""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
    Writes,
    leave_new,
    leave_update,
)
from supervisor.kinds.describing import generic
from supervisor.kinds.engines import columns, validation
from supervisor.kinds.identity import ENGINE
from supervisor.kinds.parts import same_metadata, status_of
from supervisor.model.engine import DEFAULT_NETWORK, FINALIZER, Engine
from supervisor.model.meta import Object


def complete(engine: Object) -> None:
    spec = engine.setdefault("spec", {})
    spec["network"] = spec.get("network") or DEFAULT_NETWORK
    spec["reach"] = spec.get("reach") or "Auto"


def prepare_create(engine: Object, _admission: Admission) -> None:
    """A deleted Engine stays until nothing of ours is left on the engine."""
    finalizers = engine["metadata"].setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)


KIND = Kind(
    identity=ENGINE,
    short_names=("eng",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_of(ENGINE),),
    value_type=Engine,
    schema="",
    writes=Writes(
        complete=complete,
        admit=leave_new,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=prepare_create,
        prepare_update=leave_update,
        prepare_status=leave_update,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=same_metadata,
        warnings=validation.warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=columns.PRINTER,
    describe=generic.describe,
    versions=(),
)
