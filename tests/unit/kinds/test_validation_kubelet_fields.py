"""Validation of pod fields for the kernel, the resolver and the scheduler."""

import pytest

from supervisor.model.meta import Object
from tests.unit.kinds.test_validation_podspec import wrong

REGEX = (
    "must have at most 253 characters and match regex "
    r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
)
LOCAL = "spec.securityContext.seccompProfile.localhostProfile"


def secure(**context: object) -> Object:
    return {"securityContext": context}


def local(path: str) -> Object:
    profile = {"type": "Localhost", "localhostProfile": path}
    return secure(seccompProfile=profile)


def dns(**config: object) -> Object:
    return {"dnsConfig": config}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (secure(sysctls=[{"name": "net/ipv4/tcp_syncookies", "value": "1"}]), []),
        (
            secure(sysctls=[{"value": "1"}]),
            ["spec.securityContext.sysctls[0].name: Required value"],
        ),
        (
            secure(sysctls=[{"name": "A", "value": "1"}]),
            [f'spec.securityContext.sysctls[0].name: Invalid value: "A": {REGEX}'],
        ),
        (
            secure(sysctls=[{"name": "a.b", "value": "1"}, {"name": "a/b"}]),
            ['spec.securityContext.sysctls[1].name: Duplicate value: "a/b"'],
        ),
        (local("profiles/audit.json"), []),
        (
            local("/etc/x"),
            [f'{LOCAL}: Invalid value: "/etc/x": must be a relative path'],
        ),
        (
            local("a/../x"),
            [f"{LOCAL}: Invalid value: \"a/../x\": must not contain '..'"],
        ),
        (
            secure(supplementalGroupsPolicy="Some"),
            [
                "spec.securityContext.supplementalGroupsPolicy: Unsupported value: "
                '"Some": supported values: "Merge", "Strict"'
            ],
        ),
        (
            {"os": {"name": "plan9"}},
            [
                'spec.os.name: Unsupported value: "plan9": '
                'supported values: "linux", "windows"'
            ],
        ),
        (
            {"schedulingGates": [{"name": "a"}, {"name": "a"}]},
            ['spec.schedulingGates[1].name: Duplicate value: "a"'],
        ),
        (
            {"schedulingGates": [{"name": "a"}], "nodeName": "n"},
            [
                "spec.nodeName: Forbidden: "
                "cannot be set until all schedulingGates have been cleared"
            ],
        ),
        (dns(searches=["a.test.", "."], options=[{"name": "edns0"}]), []),
        (
            dns(options=[{"value": "1"}]),
            ["spec.dnsConfig.options[0].name: Required value: must not be empty"],
        ),
        (
            dns(options=[{"name": "a", "value": "1\nnameserver 192.0.2.1"}]),
            [
                "spec.dnsConfig.options[0].value: Invalid value: "
                '"1\\nnameserver 192.0.2.1": must not contain spaces'
            ],
        ),
        (
            dns(searches=["x"] * 33),
            [
                "spec.dnsConfig.searches: Invalid value: "
                + "["
                + ",".join(['"x"'] * 33)
                + "]: must not have more than 32 search paths"
            ],
        ),
    ],
)
def test_errors_are_reported(spec: Object, expected: list[str]) -> None:
    """With the path of the field, the value and the allowed values."""
    assert wrong(**spec) == expected
