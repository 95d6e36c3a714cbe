"""Engine: the record of a managed Docker engine. Has no counterpart upstream."""

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
    no_create_change,
    no_update_change,
)
from supervisor.kinds.describing import generic
from supervisor.kinds.engines import columns, validation
from supervisor.kinds.identity import ENGINE
from supervisor.kinds.parts import check_metadata_update, status_subresource
from supervisor.model.engine import DEFAULT_NETWORK, FINALIZER, Engine
from supervisor.model.meta import Object


def complete(engine: Object) -> None:
    spec = engine.setdefault("spec", {})
    spec["network"] = spec.get("network") or DEFAULT_NETWORK
    spec["reach"] = spec.get("reach") or "Auto"


def prepare_create(engine: Object, _admission: Admission) -> None:
    """Add the finalizer that keeps the Engine until its engine is cleaned up."""
    finalizers = engine["metadata"].setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)


KIND = Kind(
    identity=ENGINE,
    short_names=("eng",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(ENGINE),),
    value_type=Engine,
    schema="",
    writes=Writes(
        complete=complete,
        admit=no_create_change,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=prepare_create,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=check_metadata_update,
        warnings=validation.warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=columns.PRINTER,
    describe=generic.describe,
    versions=(),
)
