"""What a variable or an argument cannot hold stops the container, and is named."""

import base64

import pytest

from supervisor.agent.containers.process_text import unusable
from supervisor.client.base import WatchEvent
from supervisor.model.meta import Object
from tests.fakes.agent import Node

BINARY = b"ab\x80\xff"


def secret(node: Node, **data: bytes) -> Object:
    """The Secret `keys` is made, or changed, and the agent hears of it."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    known = node.api.list("secrets", "default").items
    if known:
        made = node.api.patch("secrets", "keys", "default", {"data": encoded})
    else:
        meta = {"name": "keys"}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": meta}
        made = node.api.create("secrets", body | {"data": encoded}, "default")
    node.agent.site.awaited.hear("secrets", WatchEvent("MODIFIED", made))
    node.settle()
    return made


def from_key(key: str, **more: object) -> Object:
    ref = {"name": "keys", "key": key, **more}
    return {"name": "VALUE", "valueFrom": {"secretKeyRef": ref}}


def waiting(node: Node) -> tuple[str, str]:
    state = node.status("web")["state"].get("waiting", {})
    return state.get("reason", ""), state.get("message", "")


def env(node: Node) -> dict[str, str]:
    seen = node.seen("web")
    assert seen is not None
    config = node.runtime.config(seen.containers[0].id)
    return dict(getattr(config, "env", ()))


@pytest.mark.parametrize(
    "container",
    [
        {"env": [from_key("cert")]},
        {"env": [from_key("cert", optional=True)]},
        {"envFrom": [{"secretRef": {"name": "keys"}, "prefix": "P_"}]},
    ],
)
def test_bytes_of_a_secret_that_are_no_text_are_never_changed(
    node: Node, container: Object
) -> None:
    """The container does not start, and the key is named."""
    secret(node, cert=BINARY, word=b"fine")
    node.run("web", {"name": "app", **container})

    assert waiting(node) == (
        "CreateContainerConfigError",
        "key cert of Secret default/keys cannot be an environment variable: "
        "it is not valid UTF-8 (byte 2 is 0x80)",
    )


def test_a_secret_that_is_put_right_is_used_at_once(node: Node) -> None:
    """The change of the Secret wakes the container."""
    secret(node, cert=BINARY)
    node.run("web", {"name": "app", "env": [from_key("cert")]})
    began = node.clock.now()

    secret(node, cert="Grüße".encode())

    assert env(node) == {"VALUE": "Grüße"}
    assert node.clock.now() == began


def test_other_keys_of_the_same_secret_do_not_matter(node: Node) -> None:
    """Only what is asked for has to be text."""
    secret(node, cert=BINARY, word=b"fine")
    node.run("web", {"name": "app", "env": [from_key("word")]})

    assert env(node) == {"VALUE": "fine"}


def test_binary_data_of_a_config_map_is_not_for_variables(node: Node) -> None:
    """As in Kubernetes: neither its key is found, nor does envFrom take it."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "files"},
        "data": {"word": "fine"},
        "binaryData": {"blob": base64.b64encode(BINARY).decode()},
    }
    node.api.create("configmaps", body, "default")
    node.run("web", {"name": "app", "envFrom": [{"configMapRef": {"name": "files"}}]})
    assert env(node) == {"word": "fine"}

    node.delete("web")
    ref = {"configMapKeyRef": {"name": "files", "key": "blob"}}
    node.run("web", {"name": "app", "env": [{"name": "BLOB", "valueFrom": ref}]})
    assert waiting(node)[1] == "couldn't find key blob in ConfigMap default/files"


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (
            {"env": [{"name": "A", "value": "x\0y"}]},
            "environment variable 'A' cannot be set: it contains a NUL byte (byte 3)",
        ),
        (
            {"command": ["sh", "a\0"]},
            "command cannot be given to a process: it contains a NUL byte (byte 1)",
        ),
        (
            {"args": ["$(A)\0"], "env": [{"name": "A", "value": "12"}]},
            "args cannot be given to a process: it contains a NUL byte (byte 2)",
        ),
        (
            {"workingDir": "/a\0"},
            "workingDir cannot be given to a process: it contains a NUL byte (byte 2)",
        ),
    ],
)
def test_a_nul_byte_is_refused_and_not_cut_off(
    node: Node, container: Object, message: str
) -> None:
    """It would end the text for the kernel."""
    node.run("web", {"name": "app", **container})

    assert waiting(node) == ("CreateContainerConfigError", message)


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    """JSON can carry it, and Go would replace it."""
    assert unusable("a\ud800") == (
        "it is not valid Unicode (character 1 is half of a pair)"
    )
    assert unusable("Grüße 🐳") is None
