"""ReplicaSet: keeps a number of pods of one template, chosen by a set-based selector.

Follows pkg/registry/apps/replicaset/strategy.go and pkg/apis/apps/validation.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    SEPARATE_STATUS,
    Admission,
    Kind,
    Rules,
    Scale,
    SelectableFields,
    Writes,
    no_create_change,
    no_update_change,
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
    name_of,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import REPLICA_SET
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.scale import subresource
from supervisor.kinds.workloads import counts, description, selecting, templates
from supervisor.kinds.workloads.columns import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    containers_and_images,
    selector_text,
)
from supervisor.kinds.workloads.versions import from_template, same_fields
from supervisor.model import names
from supervisor.model.defaults import mark_strict_template
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors
from supervisor.model.workloads import ReplicaSet


def complete(rs: Object) -> None:
    templates.complete(rs)
    rs["spec"].setdefault("replicas", 1)


def admit(rs: Object, _admission: Admission) -> None:
    mark_strict_template(rs)


def check(rs: Object) -> Errors:
    yield from metadata.check(
        rs["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(rs.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})
    yield from selecting.check_update(new, old)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from counts.check_replicas(new.get("status") or {})


def _spec(spec: Object) -> Errors:
    for field in ("replicas", "minReadySeconds"):
        yield from report.not_negative(f"spec.{field}", spec.get(field))
    yield from selecting.check(spec, "deployment")
    yield from templates.check_replicated(spec)


def _cells(rs: Object, now: float) -> list[Cell]:
    return [
        name_of(rs),
        get(rs, "spec.replicas", 0),
        get(rs, "status.replicas", 0),
        get(rs, "status.readyReplicas", 0),
        age_of(rs, now),
        *containers_and_images(rs),
        selector_text(rs),
    ]


_COLUMNS = (
    NAME,
    Column("Desired", "How many pods there should be.", "integer"),
    Column("Current", "How many pods there are.", "integer"),
    Column("Ready", "How many of them are ready.", "integer"),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)


def _describe(page: Page, rs: Object, reader: Reader) -> None:
    description.describe_replicas(page, rs, selecting.text_of(rs), reader)


KIND = Kind(
    identity=REPLICA_SET,
    short_names=("rs",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(
        subresource(Scale(selector=selecting.text_of)),
        status_subresource(REPLICA_SET),
    ),
    value_type=ReplicaSet,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=templates.keep_marks,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=check,
        update=check_update,
        status=check_status,
        warnings=no_warnings,
        ignored=ignored.in_template,
    ),
    fields=SelectableFields(
        paths=frozenset({"status.replicas"}), absent={"status.replicas": "0"}
    ),
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=_describe,
    versions=(
        same_fields("apps", "v1beta2"),
        same_fields("extensions", "v1beta1", from_template()),
    ),
)
