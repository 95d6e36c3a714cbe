"""What a StatefulSet may be, and what of it may change.

Follows ValidateStatefulSetSpec, ValidateStatefulSetUpdate and
ValidateStatefulSetStatus of pkg/apis/apps/validation/validation.go.
"""

from supervisor.kinds.persistentvolumeclaims.validation import check_spec as check_claim
from supervisor.kinds.workloads import amounts, counts, selecting, templates
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import (
    forbidden_field,
    invalid,
    required,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_POLICIES = ("OrderedReady", "Parallel")
_TYPES = ("RollingUpdate", "OnDelete")
_RETENTION = ("Retain", "Delete")
_MAY_CHANGE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


def check(stateful_set: Object) -> Errors:
    yield from metadata.check(
        stateful_set["metadata"], namespaced=True, name_check=names.dns_label
    )
    spec = stateful_set.get("spec") or {}
    yield from _spec(spec, claims=spec.get("volumeClaimTemplates") or [])
    service = spec.get("serviceName") or ""
    if service:
        yield from report.each("spec.serviceName", service, names.dns_label(service))


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    yield from _spec(spec, claims=[])
    fixed = set(spec) | set(before)
    if any(not same(spec.get(f), before.get(f)) for f in fixed - set(_MAY_CHANGE)):
        listed = ", ".join(f"'{field}'" for field in _MAY_CHANGE[:-1])
        detail = (
            f"updates to statefulset spec for fields other than {listed} and "
            f"'{_MAY_CHANGE[-1]}' are forbidden"
        )
        yield forbidden_field("spec", detail)


def check_status(new: Object, old: Object) -> Errors:
    status = new.get("status") or {}
    parts = (
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "availableReplicas",
    )
    numbers = ("replicas", *parts, "observedGeneration", "collisionCount")
    yield from counts.not_negative(status, *numbers)
    detail = "cannot be greater than status.replicas"
    for field in parts:
        yield from counts.at_most(status, field, "replicas", detail)
    detail = "cannot be greater than status.readyReplicas"
    yield from counts.at_most(status, "availableReplicas", "readyReplicas", detail)
    yield from metadata.check_update(new["metadata"], old["metadata"])
    before = old.get("status") or {}
    yield from counts.not_decremented(status, before, "collisionCount")


def _spec(spec: Object, *, claims: list[Object]) -> Errors:
    policy = spec.get("podManagementPolicy") or ""
    if not policy:
        yield required("spec.podManagementPolicy")
    elif policy not in _POLICIES:
        yield invalid("spec.podManagementPolicy", policy, _either(_POLICIES))
    yield from _strategy(spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for field, kept in sorted(retention.items()):
        if kept not in _RETENTION:
            path = f"spec.persistentVolumeClaimRetentionPolicy.{field}"
            yield unsupported(path, kept, _RETENTION)
    for place, claim in enumerate(claims):
        path = f"spec.volumeClaimTemplates[{place}].spec"
        yield from check_claim(claim.get("spec") or {}, path)
    for field in ("replicas", "minReadySeconds"):
        yield from report.not_negative(f"spec.{field}", spec.get(field))
    start = (spec.get("ordinals") or {}).get("start")
    yield from report.not_negative("spec.ordinals.start", start)
    yield from selecting.check(spec, "statefulset")
    selector = selecting.usable(spec)
    if selector is None:
        yield invalid("spec.selector", spec["selector"], "")
    else:
        template = spec.get("template") or {}
        yield from templates.check_selected(template, selector, "spec.template")
        yield from templates.check(_as_made(spec), "spec.template")
    kind = "StatefulSet"
    yield from templates.check_lasting(
        spec.get("template") or {}, "spec.template", kind
    )


def _either(allowed: tuple[str, ...]) -> str:
    return f"must be {' or '.join(repr(value) for value in allowed)}"


def _strategy(strategy: Object, path: str) -> Errors:
    bounds = strategy.get("rollingUpdate")
    match strategy.get("type") or "":
        case "":
            yield required(path)
        case "OnDelete":
            if bounds is not None:
                detail = "only allowed for updateStrategy 'RollingUpdate'"
                given = templates.go_names(strategy)["RollingUpdate"]
                yield invalid(f"{path}.rollingUpdate", given, detail)
        case "RollingUpdate":
            yield from _bounds(bounds or {}, f"{path}.rollingUpdate")
        case _:
            yield invalid(path, templates.go_names(strategy), _either(_TYPES))


def _bounds(bounds: Object, path: str) -> Errors:
    yield from report.not_negative(f"{path}.partition", bounds.get("partition"))
    missing = bounds.get("maxUnavailable")
    if missing is None:
        return
    field = f"{path}.maxUnavailable"
    yield from amounts.check(field, missing)
    if amounts.is_zero(missing):
        yield invalid(field, missing, "cannot be 0")
    yield from amounts.check_at_most_all(field, missing)


def _as_made(spec: Object) -> Object:
    """The template as its pods have it: with their claims as volumes."""
    template: Object = spec.get("template") or {}
    claims = [
        str((claim.get("metadata") or {}).get("name") or "")
        for claim in spec.get("volumeClaimTemplates") or []
    ]
    pod = dict(template.get("spec") or {})
    for field in ("subdomain", "hostname"):
        pod.pop(field, None)
    if claims:
        pod["volumes"] = [
            {"name": name, "persistentVolumeClaim": {"claimName": name}}
            for name in dict.fromkeys(claims)
        ] + [v for v in pod.get("volumes") or [] if v.get("name") not in claims]
    return template | {"spec": pod}
