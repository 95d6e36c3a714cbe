"""Which seccomp profile a container runs under.

Rules
- What the container says beats what the pod says.
- Differs from Kubernetes: where neither says anything, the engine's own profile
  applies, as to every container of Docker, and not Unconfined.
- A profile of type Localhost is a file below the daemon's folder `seccomp`; its content
  is what the engine is given.

Follows pkg/kubelet/kuberuntime/helpers.go (getSeccompProfile, fieldSeccompProfile).
"""

import json
from pathlib import Path

from supervisor.agent.pods.failures import config_error
from supervisor.model.pod import (
    Container,
    Pod,
    PodSecurityContext,
    SeccompProfile,
    SecurityContext,
)

_MAX_BYTES = 1 << 20


def seccomp(pod: Pod, container: Container, folder: Path) -> str:
    """Empty for the engine's own profile, `unconfined`, or a profile as JSON.

    Raises StartFailed for a file that is not there or is no profile.
    """
    own = (container.security_context or SecurityContext()).seccomp_profile
    shared = (pod.spec.security_context or PodSecurityContext()).seccomp_profile
    wanted = own or shared or SeccompProfile("RuntimeDefault")
    match wanted.type:
        case "Unconfined":
            return "unconfined"
        case "Localhost":
            return _read(folder, wanted.localhost_profile)
        case _:
            return ""


def _read(folder: Path, name: str) -> str:
    path = folder / name
    head = f"cannot load seccomp profile {name!r}"
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise config_error(f"{head}: it must be a path below {folder}")
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1).decode()
        profile = json.loads(text)
    except OSError as error:
        raise config_error(f"{head}: {path}: {error.strerror}") from error
    except ValueError as error:
        raise config_error(f"{head}: {path} is not JSON: {error}") from error
    if not isinstance(profile, dict) or "defaultAction" not in profile:
        raise config_error(f"{head}: {path} has no defaultAction")
    return text
