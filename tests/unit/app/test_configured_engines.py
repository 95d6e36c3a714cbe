"""The nodes of the configuration file: made, changed and removed at each start."""

from pathlib import Path

import pytest

from supervisor.app.configured_engines import ConfiguredEngines, engine_object
from supervisor.app.settings import NodeSettings, SettingsError, TlsSettings
from supervisor.kinds.identity import ENGINE
from supervisor.model.engine import FROM_CONFIGURATION, SOURCE
from tests.unit.engines.keeping import Bench

FILES = TlsSettings("/c/ca.pem", "/c/cert.pem", "/c/key.pem")


def start(bench: Bench, *nodes: NodeSettings) -> ConfiguredEngines:
    """What a start of the daemon does about them."""
    configured = ConfiguredEngines(bench.api, nodes)
    configured.apply()
    return configured


def test_each_node_of_the_file_becomes_an_engine(bench: Bench) -> None:
    """With where it comes from; the same file changes nothing at the next start."""
    nodes = (
        NodeSettings("n1", "unix:///run/docker.sock", labels={"zone": "a"}),
        NodeSettings("n2", "tcp://h:2376", tls=FILES, network="pods"),
    )
    start(bench, *nodes)
    made = bench.api.get(ENGINE.resource, "n2")
    start(bench, *nodes)

    assert made["metadata"]["annotations"] == {SOURCE: FROM_CONFIGURATION}
    assert made["spec"] == {
        "endpoint": "tcp://h:2376",
        "network": "pods",
        "reach": "Auto",
        "tls": {
            "caFile": "/c/ca.pem",
            "certFile": "/c/cert.pem",
            "keyFile": "/c/key.pem",
        },
    }
    assert bench.api.get(ENGINE.resource, "n2") == made
    assert bench.api.get(ENGINE.resource, "n1")["spec"]["labels"] == {"zone": "a"}


def test_the_file_decides_at_each_start(bench: Bench) -> None:
    """What has changed in it is changed; what has left it is removed."""
    start(bench, NodeSettings("n1", "unix:///a"), NodeSettings("n2", "unix:///b"))
    bench.add("mine")
    start(bench, NodeSettings("n1", "unix:///c"))

    assert bench.api.get(ENGINE.resource, "n1")["spec"]["endpoint"] == "unix:///c"
    assert "deletionTimestamp" in bench.api.get(ENGINE.resource, "n2")["metadata"]
    assert "deletionTimestamp" not in bench.api.get(ENGINE.resource, "mine")["metadata"]


def test_a_name_that_a_user_has_given_is_not_taken_over(bench: Bench) -> None:
    """The message names both."""
    bench.add("n1", "unix:///theirs")
    with pytest.raises(SettingsError) as caught:
        start(bench, NodeSettings("n0", "unix:///a"), NodeSettings("n1", "unix:///b"))

    assert "nodes: 'n1' (unix:///b)" in str(caught.value)
    assert "added while the daemon ran (unix:///theirs)" in str(caught.value)
    assert bench.names(ENGINE.resource) == ["n1"]


def test_a_node_that_is_still_being_removed_comes_back(bench: Bench) -> None:
    """When it has gone."""
    start(bench, NodeSettings("n1", "unix:///a"))
    bench.api.delete(ENGINE.resource, "n1")
    configured = start(bench, NodeSettings("n1", "unix:///a"))
    bench.look("n1")
    assert bench.names(ENGINE.resource) == []

    configured.again("n1")
    configured.again("n1")

    assert bench.names(ENGINE.resource) == ["n1"]


@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        (NodeSettings("n1", "h:1"), 'nodes[0].engine: Invalid value: "h:1": must be'),
        (NodeSettings("n1", "tcp://h:1"), "nodes[0].tls: Required value: without TLS"),
        (NodeSettings("N", "unix:///s"), 'nodes[0].name: Invalid value: "N"'),
        (
            NodeSettings("n1", "tcp://h:1", tls=TlsSettings("/ca")),
            "nodes[0].tls.certFile: Required value",
        ),
        (
            NodeSettings("n1", "ssh://h", ssh_config="config"),
            'nodes[0].sshConfig: Invalid value: "config": must be an absolute path',
        ),
        (
            NodeSettings("n1", "unix:///s", publish_address="x"),
            'nodes[0].publishAddress: Invalid value: "x"',
        ),
    ],
)
def test_a_mistake_is_told_in_the_words_of_the_file(
    bench: Bench, node: NodeSettings, complaint: str
) -> None:
    """Before anything is changed."""
    with pytest.raises(SettingsError) as caught:
        ConfiguredEngines(bench.api, [node])

    assert str(caught.value).startswith(complaint)


def test_the_environment_of_docker_counts_for_a_node_without_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the docker command reads it, certificates included."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://h:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))

    spec = engine_object(NodeSettings("n1"))["spec"]

    assert spec["endpoint"] == "tcp://h:2376"
    assert spec["tls"]["keyFile"] == str(tmp_path / "key.pem")
    assert "tls" not in engine_object(NodeSettings("n1", "unix:///s"))["spec"]
