"""Namespace: a scope for names; its contents are deleted before it is removed.

Follows pkg/registry/core/namespace/strategy.go and storage/storage.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    SEPARATE_STATUS,
    Admission,
    Deletion,
    Kind,
    Rules,
    SelectableFields,
    Subresource,
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
from supervisor.kinds.identity import LIMIT_RANGE, NAMESPACE, RESOURCE_QUOTA
from supervisor.kinds.namespaces import description, validation
from supervisor.kinds.parts import status_subresource
from supervisor.model import system_namespaces
from supervisor.model.finalizers import NAMESPACE_CONTENT
from supervisor.model.kinds import Namespace
from supervisor.model.meta import Object, without_nulls

NAME_LABEL = "kubernetes.io/metadata.name"


def complete(namespace: Object) -> None:
    name = namespace["metadata"].get("name")
    if name:
        labels = namespace["metadata"].setdefault("labels", {})
        labels[NAME_LABEL] = name


def prepare_create(namespace: Object, _admission: Admission) -> None:
    namespace["status"] = {"phase": "Active"}
    finalizers = namespace.setdefault("spec", {}).setdefault("finalizers", [])
    if NAMESPACE_CONTENT not in finalizers:
        finalizers.append(NAMESPACE_CONTENT)


def prepare_update(new: Object, old: Object) -> None:
    """Keep `spec.finalizers`, which only the subresource `finalize` changes."""
    finalizers = (old.get("spec") or {}).get("finalizers") or []
    new.setdefault("spec", {})["finalizers"] = list(finalizers)


def finalize(_kind: Kind, new: Object, old: Object) -> Object:
    """The stored namespace with the `spec.finalizers` of `new`."""
    result: Object = without_nulls(old)
    finalizers = new.get("spec", {}).get("finalizers", [])
    spec = result.setdefault("spec", {})
    if finalizers:
        spec["finalizers"] = finalizers
    else:
        spec.pop("finalizers", None)
    return result


def refused(name: str) -> str:
    return (
        "this namespace may not be deleted"
        if name in system_namespaces.IMMORTAL
        else ""
    )


def begin_deletion(namespace: Object) -> None:
    namespace.setdefault("status", {})["phase"] = "Terminating"


def held(namespace: Object) -> bool:
    return bool((namespace.get("spec") or {}).get("finalizers"))


def _cells(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), get(obj, "status.phase", ""), age_of(obj, now)]


def describe(page: Page, namespace: Object, reader: Reader) -> None:
    name = namespace["metadata"]["name"]
    quotas, limits = reader.list(RESOURCE_QUOTA, name), reader.list(LIMIT_RANGE, name)
    description.describe(page, namespace, quotas, limits)


_STATUS = Column("Status", "Whether the namespace is active or terminating.")

KIND = Kind(
    identity=NAMESPACE,
    short_names=("ns",),
    categories=(),
    verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
    subresources=(
        Subresource(
            name="finalize", kind=NAMESPACE.kind, verbs=("update",), write=finalize
        ),
        status_subresource(NAMESPACE),
    ),
    value_type=Namespace,
    schema="",
    writes=Writes(
        complete=complete,
        admit=no_create_change,
        generation=False,
        status=SEPARATE_STATUS,
        prepare_create=prepare_create,
        prepare_update=prepare_update,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=SelectableFields(paths=frozenset({"status.phase"}), absent={}),
    deletion=Deletion(
        default_propagation="Background",
        collected=True,
        answers_object=True,
        grace=None,
        refused=refused,
        begin=begin_deletion,
        held=held,
        closes_namespace=True,
    ),
    columns=Printer((NAME, _STATUS, AGE), _cells),
    describe=describe,
    versions=(),
)
