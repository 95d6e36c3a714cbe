"""StorageClass: a way in which storage is made.

Follows pkg/apis/storage/validation/validation.go and pkg/apis/storage/v1/defaults.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
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
from supervisor.kinds.identity import STORAGE_CLASS
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.kinds.workloads.versions import same_fields
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import invalid, required, too_long, unsupported
from supervisor.model.meta import Object
from supervisor.model.storage import StorageClass
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

DEFAULT = "storageclass.kubernetes.io/is-default-class"
"""Annotation of the class that claims without one have, if its value is `true`."""
_BETA_DEFAULT = "storageclass.beta.kubernetes.io/is-default-class"
_RECLAIM_POLICIES = ("Delete", "Retain")
_BINDING_MODES = ("Immediate", "WaitForFirstConsumer")
_NEVER_CHANGE = ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
_MAX_PARAMETERS = 512
_MAX_PARAMETER_BYTES = 256 * 1024


def is_default(storage_class: Object) -> bool:
    annotations = get(storage_class, "metadata.annotations", {})
    return "true" in (annotations.get(DEFAULT), annotations.get(_BETA_DEFAULT))


def complete(storage_class: Object) -> None:
    storage_class.setdefault("reclaimPolicy", "Delete")
    storage_class.setdefault("volumeBindingMode", "Immediate")


def _check(storage_class: Object) -> Errors:
    yield from metadata.check(
        storage_class["metadata"], namespaced=False, name_check=names.dns_subdomain
    )
    provisioner = storage_class.get("provisioner") or ""
    wrong = names.qualified(provisioner.lower())
    if not provisioner:
        yield required("provisioner")
    else:
        yield from report.each("provisioner", provisioner.lower(), wrong)
    yield from _parameters(storage_class.get("parameters") or {})
    policy = storage_class.get("reclaimPolicy")
    if policy and policy not in _RECLAIM_POLICIES:
        yield unsupported("reclaimPolicy", policy, _RECLAIM_POLICIES)
    mode = storage_class.get("volumeBindingMode")
    if mode is None:
        yield required("volumeBindingMode")
    elif mode not in _BINDING_MODES:
        yield unsupported("volumeBindingMode", mode, _BINDING_MODES)


def _parameters(parameters: dict[str, str]) -> Errors:
    if len(parameters) > _MAX_PARAMETERS:
        yield too_long("parameters", _MAX_PARAMETERS)
        return
    if "" in parameters:
        yield invalid("parameters", "", "field can not be empty.")
    if sum(len(k) + len(v) for k, v in parameters.items()) > _MAX_PARAMETER_BYTES:
        yield too_long("parameters", _MAX_PARAMETER_BYTES)


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    for field in _NEVER_CHANGE:
        if not same(new.get(field), old.get(field)):
            yield invalid(field, new.get(field), report.IMMUTABLE)


def _cells(storage_class: Object, now: float) -> list[Cell]:
    mark = " (default)" if is_default(storage_class) else ""
    return [
        f"{name_of(storage_class)}{mark}",
        get(storage_class, "provisioner", ""),
        get(storage_class, "reclaimPolicy", "Delete"),
        get(storage_class, "volumeBindingMode", "Immediate"),
        bool(get(storage_class, "allowVolumeExpansion")),
        age_of(storage_class, now),
    ]


def describe(page: Page, storage_class: Object, reader: Reader) -> None:
    """Follows describeStorageClass of kubectl/pkg/describe/describe.go."""
    growth = storage_class.get("allowVolumeExpansion")
    shown = [
        ("Name", storage_class["metadata"]["name"]),
        ("IsDefaultClass", "Yes" if is_default(storage_class) else "No"),
        ("Annotations", labels_text(storage_class["metadata"].get("annotations"))),
        ("Provisioner", storage_class.get("provisioner", "")),
        ("Parameters", labels_text(storage_class.get("parameters"))),
        ("AllowVolumeExpansion", "<unset>" if growth is None else str(growth)),
    ]
    for title, value in shown:
        page.line(0, f"{title}:\t{value}")
    options = storage_class.get("mountOptions") or ()
    page.line(0, "MountOptions:" if options else "MountOptions:\t<none>")
    for option in options:
        page.line(1, option)
    for title, field in (
        ("ReclaimPolicy", "reclaimPolicy"),
        ("VolumeBindingMode", "volumeBindingMode"),
    ):
        if storage_class.get(field) is not None:
            page.line(0, f"{title}:\t{storage_class[field]}")
    write_events(page, reader.events(storage_class))


_COLUMNS = (
    NAME,
    Column("Provisioner", "Who makes the storage."),
    Column("ReclaimPolicy", "What becomes of it when its claim is deleted."),
    Column("VolumeBindingMode", "When it is made."),
    Column("AllowVolumeExpansion", "Whether claims may grow."),
    AGE,
)

KIND = Kind(
    identity=STORAGE_CLASS,
    short_names=("sc",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=StorageClass,
    schema="",
    writes=replace(DATA_WRITES, complete=complete),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=describe,
    versions=(same_fields("storage.k8s.io", "v1beta1"),),
)
