"""What a container is started with: command, arguments, environment."""

import base64
import re

import pytest

from supervisor.model.meta import Object
from tests.checks import shell
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def env(name: str, value: str) -> Object:
    return {"name": name, "value": value}


def of_field(name: str, path: str) -> Object:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def of_resource(name: str, resource: str, **more: str) -> Object:
    reference = {"resource": resource} | more
    return {"name": name, "valueFrom": {"resourceFieldRef": reference}}


def of_key(name: str, kind: str, source: str, key: str, **more: bool) -> Object:
    return {"name": name, "valueFrom": {kind: {"name": source, "key": key} | more}}


def printed(text: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in text.splitlines())


def test_variables_refer_to_earlier_ones(lab: Lab) -> None:
    """$(NAME) is expanded from earlier variables, $$ escapes, unknown ones stay."""
    main = shell(
        "main",
        "env",
        env=[
            env("FIRST", "one"),
            env("SECOND", "$(FIRST)-two"),
            env("ESCAPED", "$$(FIRST)"),
            env("UNKNOWN", "$(NOBODY)"),
        ],
    )
    found = printed(lab.output("vars", main))
    assert found["SECOND"] == "one-two"
    assert found["ESCAPED"] == "$(FIRST)"
    assert found["UNKNOWN"] == "$(NOBODY)"


def test_fields_of_the_pod_are_variables(lab: Lab) -> None:
    """fieldRef: name, namespace, uid, labels, annotations, node and addresses."""
    main = shell(
        "main",
        "env; hostname -i",
        env=[
            of_field("NAME", "metadata.name"),
            of_field("NAMESPACE", "metadata.namespace"),
            of_field("UID", "metadata.uid"),
            of_field("LABEL", "metadata.labels['app']"),
            of_field("NODE", "spec.nodeName"),
            of_field("HOST_IP", "status.hostIP"),
            of_field("POD_IP", "status.podIP"),
        ],
    )
    text = lab.output("facts", main)
    found, pod = printed(text), lab.pod("facts")
    assert found["NAME"] == found["LABEL"] == "facts"
    assert found["NAMESPACE"] == lab.namespace
    assert found["UID"] == pod["metadata"]["uid"]
    assert found["NODE"] == pod["spec"]["nodeName"]
    assert found["HOST_IP"] == pod["status"]["hostIP"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", found["POD_IP"])
    assert text.splitlines()[-1].strip() == found["POD_IP"]


def test_resources_of_the_container_are_variables(lab: Lab) -> None:
    """resourceFieldRef: limits and requests, divided and rounded up."""
    main = shell(
        "main",
        "env",
        resources={
            "limits": {"cpu": "1500m", "memory": "64Mi"},
            "requests": {"cpu": "250m"},
        },
        env=[
            of_resource("CPUS", "limits.cpu"),
            of_resource("MILLIS", "requests.cpu", divisor="1m"),
            of_resource("MEMORY", "limits.memory", divisor="1Mi"),
        ],
    )
    found = printed(lab.output("sized", main))
    assert (found["CPUS"], found["MILLIS"], found["MEMORY"]) == ("2", "250", "64")


def test_less_memory_than_docker_takes_is_raised(lab: Lab) -> None:
    """The book's downward-api manifest: 4Mi, which the container reads of itself."""
    small = {"requests": {"cpu": "15m", "memory": "100Ki"}}
    small["limits"] = {"cpu": "100m", "memory": "4Mi"}
    main = shell(
        "main",
        "env",
        resources=small,
        env=[of_resource("KIB", "limits.memory", divisor="1Ki")],
    )

    assert printed(lab.output("small", main))["KIB"] == "4096"
    assert "6Mi, which is used" in lab.told("small", "MemoryLimitRaised")


def test_config_maps_and_secrets_are_variables(lab: Lab) -> None:
    """Single keys and whole objects, env before envFrom, optional ones left out."""
    lab.make("configmaps", "settings", data={"COLOR": "blue", "SIZE": "big"})
    secret = base64.b64encode(b"s3cret").decode()
    lab.make("secrets", "keys", data={"PASSWORD": secret})
    main = shell(
        "main",
        "env",
        envFrom=[
            {"configMapRef": {"name": "settings"}},
            {"secretRef": {"name": "keys"}, "prefix": "MY_"},
            {"configMapRef": {"name": "nothing", "optional": True}},
        ],
        env=[
            env("SIZE", "small"),
            of_key("HUE", "configMapKeyRef", "settings", "COLOR"),
            of_key("WORD", "secretKeyRef", "keys", "PASSWORD"),
            of_key("NONE", "secretKeyRef", "keys", "OTHER", optional=True),
        ],
    )
    found = printed(lab.output("fed", main))
    assert found["COLOR"] == found["HUE"] == "blue"
    assert found["SIZE"] == "small"
    assert found["MY_PASSWORD"] == found["WORD"] == "s3cret"
    assert "NONE" not in found


@pytest.mark.parametrize(
    ("resource", "kind", "word"),
    [
        ("configmaps", "configMapKeyRef", "configmap"),
        ("secrets", "secretKeyRef", "secret"),
    ],
)
def test_a_missing_source_is_waited_for(
    lab: Lab, resource: str, kind: str, word: str
) -> None:
    """CreateContainerConfigError says what is missing; when it is made, all goes on."""
    main = shell("main", "env", env=[of_key("WORD", kind, "later", "word")])
    lab.run("waits", main, restartPolicy="Never")
    status = lab.waiting("waits", "main", "CreateContainerConfigError")
    assert status["state"]["waiting"]["message"] == f'{word} "later" not found'
    assert lab.pod("waits")["status"]["phase"] == "Pending"
    value = base64.b64encode(b"hi").decode() if resource == "secrets" else "hi"
    lab.make(resource, "later", data={"word": value})
    # Long before the ten seconds are over after which it is tried anyway.
    lab.until("waits", lambda p: p["status"]["phase"] == "Succeeded", within=5)
    assert printed(lab.logs("waits", "main"))["WORD"] == "hi"


def test_a_missing_key_is_named(lab: Lab) -> None:
    """The object exists, the key does not: both are in the message."""
    lab.make("configmaps", "settings", data={"COLOR": "blue"})
    main = shell(
        "main", "env", env=[of_key("X", "configMapKeyRef", "settings", "SHAPE")]
    )
    lab.run("waits", main)
    status = lab.waiting("waits", "main", "CreateContainerConfigError")
    message = status["state"]["waiting"]["message"]
    assert "SHAPE" in message
    assert "settings" in message


def test_command_and_args_replace_the_images_own(lab: Lab) -> None:
    """command replaces the entry point, args its arguments; both expand $(NAME)."""
    main = shell("main", "", command=["echo"], args=["hello", "$(WHO)"])
    main["env"] = [env("WHO", "world")]
    assert lab.output("both", main) == "hello world\n"


def test_args_alone_keep_the_images_entry_point(lab: Lab) -> None:
    """Without a command, args go to the entry point of the image."""
    main = {
        "name": "main",
        "image": "luksa/kubia",
        "imagePullPolicy": "IfNotPresent",
        "args": ["one", "two"],
    }
    lab.run("args", main)
    config = lab.running("args", "main").attrs["Config"]
    assert config["Entrypoint"] == ["node", "/app.js"]
    assert config["Cmd"] == ["one", "two"]


def test_the_working_directory_can_be_chosen(lab: Lab) -> None:
    """workingDir is where the command starts."""
    assert lab.output("there", shell("main", "pwd", workingDir="/etc")) == "/etc\n"
