"""Under which seccomp profile a container runs."""

import json
from pathlib import Path

import pytest

from supervisor.agent.containers.seccomp import seccomp
from supervisor.agent.pods.failures import StartFailed
from supervisor.model.pod import PodSecurityContext, SeccompProfile, SecurityContext
from tests.unit.agent.build import container, pod

PROFILE = {"defaultAction": "SCMP_ACT_ALLOW"}


def chosen(
    folder: Path, own: SeccompProfile | None, of_pod: SeccompProfile | None
) -> str:
    app = container(security_context=SecurityContext(seccomp_profile=own))
    whole = pod(app, security_context=PodSecurityContext(seccomp_profile=of_pod))
    return seccomp(whole, app, folder)


def local(name: str) -> SeccompProfile:
    return SeccompProfile("Localhost", name)


def test_what_the_container_says_beats_what_the_pod_says(tmp_path: Path) -> None:
    """Where neither says anything, the engine's own profile applies."""
    default, free = SeccompProfile("RuntimeDefault"), SeccompProfile("Unconfined")

    assert chosen(tmp_path, None, None) == ""
    assert chosen(tmp_path, None, free) == "unconfined"
    assert chosen(tmp_path, free, default) == "unconfined"
    assert chosen(tmp_path, default, free) == ""


def test_a_local_profile_is_read_from_the_folder(tmp_path: Path) -> None:
    """The engine is given its content."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "audit.json").write_text(json.dumps(PROFILE))

    found = chosen(tmp_path, None, local("profiles/audit.json"))
    assert json.loads(found) == PROFILE


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.json", "No such file or directory"),
        ("text", "is not JSON"),
        ("list", "has no defaultAction"),
        ("../outside", "it must be a path below"),
        ("/etc/hostname", "it must be a path below"),
        ("", "it must be a path below"),
    ],
)
def test_a_profile_that_is_none_is_named(
    tmp_path: Path, name: str, reason: str
) -> None:
    """The container does not start without what it asks for."""
    (tmp_path / "text").write_text("allow all")
    (tmp_path / "list").write_text("[]")

    with pytest.raises(StartFailed, match=reason) as caught:
        chosen(tmp_path, local(name), None)
    assert caught.value.reason == "CreateContainerConfigError"
