"""What may be claimed of storage, and what of a claim may change.

Follows ValidatePersistentVolumeClaimSpec and ValidatePersistentVolumeClaimUpdate of
pkg/apis/core/validation/validation.go.
"""

from copy import deepcopy

from supervisor.model import names, quantities
from supervisor.model.equality import same
from supervisor.model.errors import forbidden_field, invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, metadata, report, resources
from supervisor.model.validation.report import Errors

ACCESS_MODES = (
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
)
VOLUME_MODES = ("Block", "Filesystem")
BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_STORAGE = "spec.resources.requests.storage"


def check(claim: Object) -> Errors:
    yield from metadata.check(
        claim["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from check_spec(claim.get("spec") or {}, "spec")


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    yield from check_spec(spec, "spec")
    yield from _beta_class(new, old)
    if not same(_fixed(spec, before, new.get("status") or {}), _plain(before)):
        detail = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        yield forbidden_field("spec", detail)
    now, was = _size(spec), _size(before)
    if now is not None and was is not None and now < was:
        held = _amount(((old.get("status") or {}).get("capacity") or {}).get("storage"))
        if now <= (held or 0):
            detail = "field can not be less than status.capacity"
            yield forbidden_field(_STORAGE, detail)
    if not same(spec.get("volumeMode"), before.get("volumeMode")):
        yield invalid("volumeMode", spec.get("volumeMode"), report.IMMUTABLE)


def check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    for name, amount in ((new.get("status") or {}).get("capacity") or {}).items():
        yield from resources.amount(name, amount, f"status.capacity[{name}]")


def check_spec(spec: Object, path: str) -> Errors:
    modes = spec.get("accessModes") or []
    if not modes:
        detail = "at least 1 access mode is required"
        yield required(f"{path}.accessModes", detail)
    yield from label_selectors.check(spec.get("selector"), f"{path}.selector")
    yield from check_access_modes(modes, f"{path}.accessModes")
    yield from _requested(spec, f"{path}.resources[storage]")
    name = spec.get("storageClassName")
    if name:
        yield from report.each(
            f"{path}.storageClassName", name, names.dns_subdomain(name)
        )
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        yield unsupported(f"{path}.volumeMode", mode, VOLUME_MODES)
    yield from _source(spec, path)


def check_access_modes(modes: list[str], field: str) -> Errors:
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield unsupported(field, mode, ACCESS_MODES)
    known = {mode for mode in modes if mode in ACCESS_MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        detail = "may not use ReadWriteOncePod with other access modes"
        yield forbidden_field(field, detail)


def check_amount(amount: quantities.Text, field: str) -> Errors:
    """An amount of storage: more than nothing, in whole bytes."""
    try:
        parsed = quantities.parse(amount)
    except ValueError as error:
        yield invalid(field, amount, str(error))
        return
    if parsed.amount <= 0:
        yield invalid(field, str(parsed), "must be greater than zero")
    elif parsed.amount.denominator != 1:
        yield invalid(field, str(parsed), "must be an integer")


def _requested(spec: Object, field: str) -> Errors:
    requests = (spec.get("resources") or {}).get("requests") or {}
    if "storage" not in requests:
        yield required(field)
    else:
        yield from check_amount(requests["storage"], field)


def _source(spec: Object, path: str) -> Errors:
    source = spec.get("dataSource")
    for field in ("dataSource", "dataSourceRef"):
        given = spec.get(field)
        if given is None:
            continue
        for part in ("name", "kind"):
            if not given.get(part):
                yield required(f"{path}.{field}.{part}")
        if not given.get("apiGroup"):
            kind = given.get("kind") or ""
            if kind != "PersistentVolumeClaim":
                detail = (
                    "must be 'PersistentVolumeClaim' when referencing the default "
                    "apiGroup"
                )
                yield invalid(f"{path}.{field}", kind, detail)
    reference = spec.get("dataSourceRef")
    if source is not None and reference is not None and not same(source, reference):
        yield invalid(path, f"{path}.dataSource", "must match dataSourceRef")


def _beta_class(new: Object, old: Object) -> Errors:
    now, was = (
        (obj["metadata"].get("annotations") or {}).get(BETA_CLASS) for obj in (new, old)
    )
    moved = was is not None and (new.get("spec") or {}).get("storageClassName") == was
    if now != was and not moved:
        field = f"metadata.annotations.{BETA_CLASS}"
        yield invalid(field, now or "", report.IMMUTABLE)


def _plain(spec: Object) -> Object:
    """Without what may always be filled in later."""
    filled = {"volumeName": None} if not spec.get("volumeName") else {}
    return spec | filled


def _fixed(new: Object, old: Object, status: Object) -> Object:
    """`new` with what may be changed as it is in `old`."""
    fixed: Object = deepcopy(new)
    if not old.get("volumeName"):
        fixed.pop("volumeName", None)
    if old.get("storageClassName") is None:
        fixed.pop("storageClassName", None)
    if status.get("phase") == "Bound":
        requests = fixed.setdefault("resources", {}).setdefault("requests", {})
        was = ((old.get("resources") or {}).get("requests") or {}).get("storage")
        requests["storage"] = was
        fixed["volumeAttributesClassName"] = old.get("volumeAttributesClassName")
    return fixed


def _size(spec: Object) -> int | None:
    requests = (spec.get("resources") or {}).get("requests") or {}
    return _amount(requests.get("storage"))


def _amount(text: quantities.Text | None) -> int | None:
    try:
        return None if text is None else quantities.millis(text)
    except ValueError:
        return None
