"""Security contexts of pods and of containers.

Follows ValidateSecurityContext and validatePodSpecSecurityContext of
pkg/apis/core/validation/validation.go.
"""

import re

from supervisor.model.errors import (
    duplicate,
    forbidden_field,
    invalid,
    required,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.sysctls import dotted
from supervisor.model.validation import report
from supervisor.model.validation.report import MAX_INT32, Errors

_SECCOMP_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_LONGEST_SYSCTL = 253
_PART = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = re.compile(rf"({_PART}[\./])*{_PART}")
_PROC_MOUNTS = ("Default", "Unmasked")


def check_pod(spec: Object, path: str) -> Errors:
    """What is wrong with the security context of a whole pod."""
    context = spec.get("securityContext") or {}
    path = f"{path}.securityContext"
    for field in ("fsGroup", "runAsUser", "runAsGroup"):
        yield from _id(context.get(field), f"{path}.{field}")
    for place, group in enumerate(context.get("supplementalGroups") or []):
        yield from _id(group, f"{path}.supplementalGroups[{place}]")
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(f"{path}.shareProcessNamespace", True, detail)
    policy = context.get("fsGroupChangePolicy")
    allowed = ("Always", "OnRootMismatch")
    if policy is not None and policy not in allowed:
        yield unsupported(f"{path}.fsGroupChangePolicy", policy, allowed)
    groups, merge = context.get("supplementalGroupsPolicy"), ("Merge", "Strict")
    if groups is not None and groups not in merge:
        yield unsupported(f"{path}.supplementalGroupsPolicy", groups, merge)
    yield from _seccomp(context, path)
    yield from _sysctls(context.get("sysctls") or [], f"{path}.sysctls")


def _sysctls(sysctls: list[Object], path: str) -> Errors:
    seen: set[str] = set()
    for place, sysctl in enumerate(sysctls):
        field, name = f"{path}[{place}].name", sysctl.get("name") or ""
        if not name:
            yield required(field)
        elif len(name) > _LONGEST_SYSCTL or not _SYSCTL.fullmatch(name):
            yield invalid(
                field,
                name,
                f"must have at most {_LONGEST_SYSCTL} characters and match regex "
                f"^{_SYSCTL.pattern}$",
            )
        elif dotted(name) in seen:
            yield duplicate(field, name)
        seen.add(dotted(name))


def check_container(container: Object, path: str) -> Errors:
    """What is wrong with the security context of a container."""
    context = container.get("securityContext")
    if context is None:
        return
    path = f"{path}.securityContext"
    yield from _id(context.get("runAsUser"), f"{path}.runAsUser")
    yield from _id(context.get("runAsGroup"), f"{path}.runAsGroup")
    proc_mount = context.get("procMount")
    if proc_mount is not None and proc_mount not in _PROC_MOUNTS:
        yield unsupported(f"{path}.procMount", proc_mount, _PROC_MOUNTS)
    yield from _seccomp(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        yield from _no_escalation(context, path)


def _no_escalation(context: Object, path: str) -> Errors:
    head = "cannot set `allowPrivilegeEscalation` to false and "
    if context.get("privileged"):
        yield invalid(path, context, f"{head}`privileged` to true")
    if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or []):
        yield invalid(path, context, f"{head}`capabilities.Add` CAP_SYS_ADMIN")


def _id(number: int | None, field: str) -> Errors:
    yield from report.between(field, number, 0, MAX_INT32)


def _seccomp(context: Object, path: str) -> Errors:
    profile = context.get("seccompProfile")
    if profile is None:
        return
    path = f"{path}.seccompProfile"
    kind, local = profile.get("type"), profile.get("localhostProfile")
    if not kind:
        yield required(f"{path}.type", "type is required when seccompProfile is set")
    elif kind not in _SECCOMP_TYPES:
        yield unsupported(f"{path}.type", kind, _SECCOMP_TYPES)
    if kind == "Localhost":
        if local is None:
            detail = "must be set when seccomp type is Localhost"
            yield required(f"{path}.localhostProfile", detail)
        elif local.startswith("/"):
            detail = "must be a relative path"
            yield invalid(f"{path}.localhostProfile", local, detail)
        elif ".." in local.split("/"):
            detail = "must not contain '..'"
            yield invalid(f"{path}.localhostProfile", local, detail)
    elif local is not None:
        detail = "can only be set when seccomp type is Localhost"
        yield invalid(f"{path}.localhostProfile", profile, detail)


def check_host_users(spec: Object, path: str) -> Errors:
    """A pod with users of its own cannot share the host's namespaces."""
    if spec.get("hostUsers") is not False:
        return
    shared = {"hostNetwork": "hostNetwork", "hostPID": "HostPID", "hostIPC": "HostIPC"}
    for field, shown in shared.items():
        if spec.get(field):
            detail = "when `pod.Spec.HostUsers` is false"
            yield forbidden_field(f"{path}.{shown}", detail)
