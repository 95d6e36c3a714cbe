"""Unsupported values of supported fields.

`schema.unhonoured` finds unsupported fields; this module finds unsupported values. It
reads JSON objects whose types, but not values, have been checked.
"""

from collections.abc import Iterator

from supervisor.model.meta import Object

_IGNORED = "not supported, ignored"
_AUTOMOUNT = "automountServiceAccountToken"
_NO_TOKEN = "no token is mounted yet"
_STORAGE = "ephemeral-storage"
_CONTAINERS = ("initContainers", "containers")

Findings = Iterator[tuple[str, str]]
"""The path of each value, and its effect."""


def nothing(_obj: Object) -> Findings:
    """For kinds without unsupported values."""
    yield from ()


def in_pod(pod: Object) -> Findings:
    return _in_spec(pod.get("spec") or {}, "spec")


def in_template(owner: Object) -> Findings:
    """For kinds with a pod template in `spec.template`."""
    template = (owner.get("spec") or {}).get("template") or {}
    return _in_spec(template.get("spec") or {}, "spec.template.spec")


def in_job_template(owner: Object) -> Findings:
    """Of an object that makes Jobs from `spec.jobTemplate`."""
    job = ((owner.get("spec") or {}).get("jobTemplate") or {}).get("spec") or {}
    spec = (job.get("template") or {}).get("spec") or {}
    return _in_spec(spec, "spec.jobTemplate.spec.template.spec")


def in_account(account: Object) -> Findings:
    """For ServiceAccounts."""
    if account.get(_AUTOMOUNT):
        yield _AUTOMOUNT, _NO_TOKEN


def _in_spec(spec: Object, path: str) -> Findings:
    if spec.get(_AUTOMOUNT):
        yield f"{path}.{_AUTOMOUNT}", _NO_TOKEN
    for place, volume in enumerate(spec.get("volumes") or []):
        yield from _empty_dir(
            (volume or {}).get("emptyDir") or {}, f"{path}.volumes[{place}].emptyDir"
        )
    for row in _CONTAINERS:
        for place, container in enumerate(spec.get(row) or []):
            resources = (container or {}).get("resources") or {}
            yield from _resources(resources, f"{path}.{row}[{place}].resources")


def _empty_dir(source: Object, path: str) -> Findings:
    medium = source.get("medium") or ""
    if medium.startswith("HugePages"):
        yield f"{path}.medium", f"{medium} is not supported, the pod will not start"
    elif not medium and source.get("sizeLimit") is not None:
        yield f"{path}.sizeLimit", "not supported on disk, ignored"


def _resources(resources: Object, path: str) -> Findings:
    for kind in ("limits", "requests"):
        if _STORAGE in (resources.get(kind) or {}):
            yield f"{path}.{kind}[{_STORAGE}]", _IGNORED
