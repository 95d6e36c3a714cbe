"""Defaults and validation of Engines."""

from typing import Any

import pytest

from supervisor.kinds.engines import validation
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import FINALIZER
from supervisor.model.meta import Object
from tests import kinds

TLS = {"secretName": "n1"}
FILES = {"caFile": "c/ca.pem", "certFile": "c/cert.pem", "keyFile": "c/key.pem"}
PATHS = {field: f"/{name}" for field, name in FILES.items()}
CONFIGURED = {"supervisor.io/source": "configuration"}


def engine(name: str = "n1", **spec: Any) -> Object:
    made: Object = {"metadata": {"name": name}, "spec": spec}
    kinds.complete(ENGINE.resource, made)
    return made


def wrong(obj: Object) -> list[str]:
    return [str(error) for error in kinds.on_create(ENGINE.resource, obj)]


def test_an_engine_needs_only_an_address() -> None:
    """Network and reach have defaults."""
    made = engine(endpoint="unix:///run/docker.sock")

    assert made["spec"]["network"] == "bridge"
    assert made["spec"]["reach"] == "Auto"
    assert wrong(made) == []


def test_a_new_engine_has_a_finalizer() -> None:
    """From creation on, so that its containers are removed first."""
    made = engine(endpoint="unix:///run/docker.sock")
    kinds.prepare_create(ENGINE.resource, made)
    kinds.prepare_create(ENGINE.resource, made)

    assert made["metadata"]["finalizers"] == [FINALIZER]
    assert made["status"] == {}


@pytest.mark.parametrize(
    "spec",
    [
        {"endpoint": "tcp://h:2376", "tls": TLS},
        {"endpoint": "tcp://h:2376", "tls": FILES, "publishAddress": "10.0.0.3"},
        {"endpoint": "tcp://h:2375", "insecure": True, "reach": "Direct"},
        {"endpoint": "ssh://root@h", "reach": "Tunnel", "labels": {"zone": "a"}},
        {"endpoint": "ssh://root@h", "sshConfig": "ssh_config"},
        {"endpoint": "ssh://root@h", "ssh": {"secretName": "n1"}},
    ],
)
def test_valid_combinations_are_accepted(spec: Object) -> None:
    """Certificates with tcp, a tunnel with ssh."""
    assert wrong(engine(**spec)) == []


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({}, "spec.endpoint: Required value"),
        ({"endpoint": "h:1"}, 'spec.endpoint: Invalid value: "h:1": must be unix:///'),
        (
            {"endpoint": "tcp://h:2375"},
            "spec.tls: Required value: without TLS, anyone who can connect to this "
            "port is root on the host: set tls, or set insecure to true",
        ),
        (
            {"endpoint": "unix:///s", "tls": TLS},
            "spec.tls: Forbidden: only allowed for tcp:// endpoints, this is unix://",
        ),
        (
            {"endpoint": "ssh://h", "insecure": True},
            "spec.insecure: Forbidden: only allowed for tcp:// endpoints",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": TLS, "insecure": True},
            "spec.insecure: Forbidden: may not be set together with tls",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": TLS | FILES},
            "spec.tls.caFile: Forbidden: may not be set together with secretName",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": {}},
            "spec.tls.secretName: Required value: or caFile, certFile and keyFile",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": {"caFile": "/ca"}},
            "spec.tls.certFile: Required value",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": FILES | {"keyFile": "/key.pem"}},
            "spec.tls.keyFile: Forbidden: paths are allowed only in the daemon's "
            "settings: put the contents into a Secret (spec.tls.secretName), or use",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": FILES | {"caFile": "../ca.pem"}},
            'spec.tls.caFile: Invalid value: "../ca.pem": must be the name of a file',
        ),
        (
            {"endpoint": "ssh://h", "ssh": {}},
            "spec.ssh.secretName: Required value",
        ),
        (
            {"endpoint": "ssh://h", "ssh": {"secretName": "s"}, "sshConfig": "c"},
            "spec.sshConfig: Forbidden: may not be set together with ssh",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": TLS, "ssh": {"secretName": "s"}},
            "spec.ssh: Forbidden: only allowed for ssh:// endpoints, this is tcp://",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": TLS, "sshConfig": "/c"},
            "spec.sshConfig: Forbidden: only allowed for ssh:// endpoints, this is tcp://",
        ),
        (
            {"endpoint": "ssh://h", "sshConfig": "/config"},
            "spec.sshConfig: Forbidden: paths are allowed only in the daemon's "
            "settings: put the contents into a Secret (spec.ssh.secretName)",
        ),
        (
            {"endpoint": "ssh://-oProxyCommand=x@h"},
            'spec.endpoint: Invalid value: "ssh://-oProxyCommand=x@h"',
        ),
        (
            {"endpoint": "unix:///s", "reach": "Wave"},
            'spec.reach: Unsupported value: "Wave": supported values: "Auto"',
        ),
        (
            {"endpoint": "unix:///s", "reach": "Tunnel"},
            "only allowed for ssh:// endpoints, this is unix://",
        ),
        (
            {"endpoint": "tcp://h:1", "tls": TLS, "publishAddress": "h"},
            'spec.publishAddress: Invalid value: "h": must be an IP address',
        ),
        (
            {"endpoint": "ssh://h", "reach": "Tunnel", "publishAddress": "10.0.0.3"},
            "spec.publishAddress: Forbidden: no ports are published if reach is Tunnel",
        ),
        ({"endpoint": "unix:///s", "network": "host"}, "spec.network: Invalid value"),
        (
            {"endpoint": "unix:///s", "labels": {"kubernetes.io/hostname": "x"}},
            "spec.labels[kubernetes.io/hostname]: Forbidden: the node's agent sets",
        ),
        (
            {"endpoint": "unix:///s", "labels": {"a": "b c"}},
            'spec.labels: Invalid value: "b c"',
        ),
    ],
)
def test_invalid_specs_are_refused(spec: Object, complaint: str) -> None:
    """The error names field, value and allowed values."""
    assert any(complaint in text for text in wrong(engine(**spec)))


def test_the_name_must_be_a_valid_label_value() -> None:
    """It is the value of kubernetes.io/hostname."""
    found = wrong(engine("n" * 64, endpoint="unix:///s"))

    assert any("metadata.name" in e and "no more than 63" in e for e in found)
    assert wrong(engine("host-3.example.com", endpoint="unix:///s")) == []


def changed(old: Object, new: Object) -> list[str]:
    return [str(error) for error in kinds.on_update(ENGINE.resource, new, old)]


def test_only_stored_paths_remain_valid() -> None:
    """For one version, unchanged, and with a warning."""
    old = engine(endpoint="tcp://h:1", tls=PATHS)
    moved = engine(endpoint="tcp://h:2", tls=PATHS, labels={"zone": "a"})
    other = engine(endpoint="tcp://h:1", tls=PATHS | {"keyFile": "/etc/shadow"})

    assert changed(old, moved) == []
    assert len(validation.warnings(moved)) == 3
    assert "spec.tls.caFile: paths in Engines are deprecated" in str(
        validation.warnings(moved)
    )
    (complaint,) = changed(old, other)
    assert complaint.startswith("spec.tls.keyFile: Forbidden")
    assert validation.warnings(engine(endpoint="tcp://h:1", tls=FILES)) == []


def test_paths_cannot_be_added_by_claiming_to_be_configured() -> None:
    """The daemon compares them with the settings."""
    claimed = engine(endpoint="tcp://h:1", tls=PATHS)
    claimed["metadata"]["annotations"] = dict(CONFIGURED)
    plain = engine(endpoint="tcp://h:1", tls=PATHS)

    assert wrong(claimed) == []
    assert len(changed(claimed, plain)) == 3
    assert len(wrong(plain)) == 3


def test_a_spec_accepted_before_does_not_block_deletion() -> None:
    """Its finalizer can be removed although the spec would be refused today."""
    old = engine(endpoint="ssh://a%20b@h")
    old["metadata"]["finalizers"] = [FINALIZER]
    new = engine(endpoint="ssh://a%20b@h")

    assert changed(old, new) == []
    assert changed(old, engine(endpoint="ssh://a%21b@h")) != []
