"""As whom a container runs. Pure.

Rules
- What the container says beats what the pod says.
- runAsNonRoot refuses user 0, and a user of whom we cannot know that he is not 0.

Follows pkg/kubelet/kuberuntime/security_context.go (verifyRunAsNonRoot).
"""

from supervisor.agent.pods.failures import config_error
from supervisor.model.pod import (
    Container,
    Pod,
    PodSecurityContext,
    SecurityContext,
)
from supervisor.runtime.base import Image


def user(pod: Pod, container: Container, image: Image) -> str:
    """`uid`, `uid:gid`, or empty for the image's own. Raises StartFailed."""
    own, shared = _contexts(pod, container)
    uid = own.run_as_user if own.run_as_user is not None else shared.run_as_user
    gid = own.run_as_group if own.run_as_group is not None else shared.run_as_group
    wanted = own.run_as_non_root
    if wanted if wanted is not None else shared.run_as_non_root:
        _verify_non_root(uid, image)
    if uid is None and gid is None:
        return ""
    name = str(uid) if uid is not None else image.user.partition(":")[0] or "0"
    return name if gid is None else f"{name}:{gid}"


def groups(pod: Pod) -> tuple[int, ...]:
    """Further groups of all the pod's processes."""
    shared = pod.spec.security_context or PodSecurityContext()
    own = () if shared.fs_group is None else (shared.fs_group,)
    return tuple(dict.fromkeys((*shared.supplemental_groups, *own)))


def _contexts(
    pod: Pod, container: Container
) -> tuple[SecurityContext, PodSecurityContext]:
    return (
        container.security_context or SecurityContext(),
        pod.spec.security_context or PodSecurityContext(),
    )


def _verify_non_root(uid: int | None, image: Image) -> None:
    if uid is not None:
        if uid == 0:
            raise config_error("container's runAsUser breaks non-root policy")
        return
    name = image.user.partition(":")[0]
    if name in ("", "0", "root"):
        raise config_error("container has runAsNonRoot and image will run as root")
    if not name.isdecimal():
        raise config_error(
            f"container has runAsNonRoot and image has non-numeric user ({name}), "
            "cannot verify user is non-root"
        )
