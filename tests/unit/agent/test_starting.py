"""What containers are made from, and what happens when they cannot be."""

from supervisor.client.base import WatchEvent
from supervisor.runtime.base import ContainerConfig, SandboxConfig
from tests.fakes import manifests
from tests.fakes.agent import Node
from tests.fakes.runtime import Program


def config(node: Node, pod: str = "web", container: str = "app") -> ContainerConfig:
    seen = node.seen(pod)
    assert seen is not None
    newest = next(c for c in seen.containers if c.name == container)
    found = node.runtime.config(newest.id)
    assert isinstance(found, ContainerConfig)
    return found


def waiting(node: Node, container: str = "app") -> tuple[str, str]:
    state = node.status("web", container)["state"].get("waiting", {})
    return state.get("reason", ""), state.get("message", "")


def test_variables_are_expanded_in_order(node: Node) -> None:
    """Later ones see earlier ones; command and arguments see them all."""
    env = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "$(A)$(C) $$(A)"},
        {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
    ]
    node.run("web", {"name": "app", "env": env, "args": ["$(NAME)", "$(X)"]})

    made = config(node)
    found = dict(made.env)
    assert found["B"] == "1$(C) $(A)"
    assert found["NAME"] == "web"
    assert found["IP"] == node.pod("web")["status"]["podIP"]
    assert made.args == ("web", "$(X)")


def test_a_resource_is_told_in_the_unit_that_was_asked_for(node: Node) -> None:
    """Divided and rounded up; without a limit it is what the node has."""

    def ask(name: str, resource: str, divisor: str) -> dict[str, object]:
        ref = {"resource": resource, "divisor": divisor}
        return {"name": name, "valueFrom": {"resourceFieldRef": ref}}

    env = [
        ask("CPU", "limits.cpu", "1m"),
        ask("MEMORY", "limits.memory", "1Mi"),
        ask("REQUEST", "requests.cpu", "1"),
    ]
    limits = {"limits": {"cpu": "250m"}}
    node.run("web", {"name": "app", "env": env, "resources": limits})

    found = dict(config(node).env)
    assert found == {"CPU": "250", "MEMORY": "8192", "REQUEST": "1"}


def test_a_config_map_may_come_later(node: Node) -> None:
    """The container waits for it, saying what is missing, and then starts."""
    source = [{"configMapRef": {"name": "settings"}, "prefix": "P_"}]
    node.run("web", {"name": "app", "envFrom": source})
    assert waiting(node) == (
        "CreateContainerConfigError",
        'configmap "settings" not found',
    )

    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings"},
        "data": {"K": "v"},
    }
    node.api.create("configmaps", body, "default")
    node.advance(10)

    assert dict(config(node).env) == {"P_K": "v"}


def config_map(node: Node, name: str, **data: str) -> None:
    """It is made, or changed, and the agent hears of it."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    before = node.api.list("configmaps", "default").items
    if any(obj["metadata"]["name"] == name for obj in before):
        made = node.api.patch("configmaps", name, "default", {"data": data})
    else:
        made = node.api.create("configmaps", body | {"data": data}, "default")
    node.agent.site.awaited.hear("configmaps", WatchEvent("MODIFIED", made))
    node.settle()


def test_a_config_map_that_is_waited_for_is_used_at_once(node: Node) -> None:
    """Others of its kind wake nobody."""
    ref = {"name": "settings", "key": "K"}
    env = [{"name": "K", "valueFrom": {"configMapKeyRef": ref}}]
    node.run("web", {"name": "app", "env": env})
    began = node.clock.now()

    config_map(node, "others", K="x")
    assert waiting(node)[1] == 'configmap "settings" not found'
    config_map(node, "settings", J="x")
    assert waiting(node)[1] == "couldn't find key K in ConfigMap default/settings"
    config_map(node, "settings", K="v")

    assert dict(config(node).env)["K"] == "v"
    assert node.clock.now() == began


def test_a_config_map_without_the_key_is_news_only_once(node: Node) -> None:
    """What the container has seen is not tried again before it changes, or in time."""
    ref = {"name": "settings", "key": "K"}
    env = [{"name": "K", "valueFrom": {"configMapKeyRef": ref}}]
    config_map(node, "settings", J="x")
    node.run("web", {"name": "app", "env": env})
    made = node.api.get("configmaps", "settings", "default")
    node.agent.site.awaited.hear("configmaps", WatchEvent("ADDED", made))

    tried = len(node.events("Failed"))
    node.settle()
    assert len(node.events("Failed")) == tried


def test_a_missing_key_stops_the_container_unless_optional(node: Node) -> None:
    """An optional one is left out without a word."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys"},
        "stringData": {"a": "secret"},
    }
    node.api.create("secrets", body, "default")

    def ask(key: str, **more: object) -> dict[str, object]:
        ref = {"name": "keys", "key": key, **more}
        return {"name": key.upper(), "valueFrom": {"secretKeyRef": ref}}

    node.run("web", {"name": "app", "env": [ask("a"), ask("b", optional=True)]})
    assert dict(config(node).env) == {"A": "secret"}

    node.delete("web")
    node.run("web", {"name": "app", "env": [ask("b")]})
    assert waiting(node)[1] == "couldn't find key b in Secret default/keys"


def test_root_is_refused_where_it_is_not_wanted(node: Node) -> None:
    """runAsNonRoot looks at the spec first, then at the image."""
    node.runtime.add_image("user:1", user="1000")
    wanted = {"runAsNonRoot": True}
    node.run("web", {"name": "app"}, securityContext=wanted)
    assert waiting(node) == (
        "CreateContainerConfigError",
        "container has runAsNonRoot and image will run as root",
    )

    node.run("other", {"name": "app", "image": "user:1"}, securityContext=wanted)
    assert node.runtime.running("other") == ["app"]


def test_limits_and_users_reach_the_engine(node: Node) -> None:
    """Shares, quota, memory, uid and gid, groups and capabilities."""
    node.run(
        "web",
        {
            "name": "app",
            "resources": {
                "requests": {"cpu": "100m"},
                "limits": {"cpu": "500m", "memory": "64Mi"},
            },
            "securityContext": {
                "runAsUser": 1000,
                "runAsGroup": 2000,
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
        },
        securityContext={"fsGroup": 3000, "supplementalGroups": [4000]},
    )

    made = config(node)
    assert (made.cpu_shares, made.cpu_quota_millis) == (102, 500)
    assert made.memory_bytes == 64 << 20
    assert made.user == "1000:2000"
    assert made.groups == (4000, 3000)
    assert made.no_new_privileges
    assert made.capabilities_drop == ("ALL",)


def test_volumes_are_made_with_the_sandbox_and_mounted(node: Node) -> None:
    """emptyDir on disk and in memory, and paths of the host."""
    mounts = [
        {"name": "data", "mountPath": "/data"},
        {"name": "host", "mountPath": "/host", "readOnly": True},
    ]
    volumes = [
        {"name": "data", "emptyDir": {}},
        {"name": "fast", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "host", "hostPath": {"path": "/srv", "type": "Directory"}},
    ]
    node.run("web", {"name": "app", "volumeMounts": mounts}, volumes=volumes)

    seen = node.seen("web")
    assert seen is not None
    box = node.runtime.config(seen.sandboxes[0].id)
    assert isinstance(box, SandboxConfig)
    assert box.volumes == ("data",)
    assert box.memory_volumes == {"fast": 1 << 20}
    data, host = config(node).mounts
    assert (data.volume, data.path) == ("data", "/data")
    assert (host.host_path, host.host_path_type) == ("/srv", "Directory")
    assert host.read_only


def test_a_volume_that_we_cannot_provide_keeps_the_pod_from_starting(
    node: Node,
) -> None:
    """It is never started without: an event and the status say why."""
    volumes = [{"name": "s", "glusterfs": {"endpoints": "e", "path": "p"}}]
    node.run("web", volumes=volumes)

    assert node.seen("web") is None
    reason, message = waiting(node)
    assert reason == "ContainerCreating"
    assert "volumes of type glusterfs are not supported" in message
    assert node.events("FailedMount") == [message]


def test_a_pod_waits_for_what_fills_its_volumes(node: Node) -> None:
    """And starts once it has come."""
    volumes = [{"name": "c", "configMap": {"name": "settings"}}]
    node.run("web", volumes=volumes)
    text = 'MountVolume.SetUp failed for volume "c" : configmap "settings" not found'
    assert waiting(node) == ("ContainerCreating", text)
    assert node.events("FailedMount") == [text]

    node.api.create("configmaps", manifests.config_map(a="1"), "default")
    node.advance(10)

    assert node.runtime.running("web") == ["app"]
    ((files, group),) = node.runtime.volume_files.values()
    assert {path: file.data for path, file in files.items()} == {"a": b"1"}
    assert group is None


def test_files_are_written_again_after_a_change(node: Node) -> None:
    """Of their source, or of the pod's labels."""
    made = node.api.create("configmaps", manifests.config_map(a="1"), "default")
    labels = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
    volumes = [
        {"name": "c", "configMap": {"name": "settings"}},
        {"name": "d", "downwardAPI": {"items": [labels]}},
    ]
    node.run("web", volumes=volumes)

    node.api.update("configmaps", made | {"data": {"new": "x"}})
    node.api.patch("pods", "web", "default", {"metadata": {"labels": {"a": "b"}}})
    node.agent.refresher.hear("configmaps", WatchEvent("MODIFIED", made))
    node.settle()

    contents = {
        volume: {path: file.data for path, file in files.items()}
        for (_, volume), (files, _) in node.runtime.volume_files.items()
    }
    assert contents["c"] == {"new": b"x"}
    assert b'a="b"' in contents["d"]["labels"]


def test_files_stay_when_their_source_goes(node: Node) -> None:
    """And an event says so, once."""
    made = node.api.create("configmaps", manifests.config_map(a="1"), "default")
    node.run("web", volumes=[{"name": "c", "configMap": {"name": "settings"}}])
    before = dict(node.runtime.volume_files)
    node.api.delete("configmaps", "settings", "default")

    for _ in range(2):
        node.agent.refresher.hear("configmaps", WatchEvent("DELETED", made))
        node.settle()

    assert node.runtime.volume_files == before
    assert node.runtime.running("web") == ["app"]
    assert len(node.events("FailedMount")) == 1


def test_a_sandbox_that_cannot_start_is_tried_again(node: Node) -> None:
    """A port that is taken is waited for."""
    node.runtime.fail_start("web", "POD", "port 80 is taken")
    node.run("web")
    assert node.events("FailedCreatePodSandBox") == [
        "Failed to create pod sandbox: port 80 is taken"
    ]

    node.runtime.fail_start("web", "POD", "")
    node.advance(10)

    assert node.runtime.running("web") == ["app"]


def test_a_port_that_a_pod_gives_back_is_taken_at_once(node: Node) -> None:
    """Whoever waits for a port of the host is tried when a pod has gone."""
    ports = [{"containerPort": 80, "hostPort": 80}]
    node.run("before")
    node.runtime.fail_start("web", "POD", "port 80 is taken")
    node.run("web", {"name": "app", "ports": ports})
    assert node.runtime.running("web") == []
    began = node.clock.now()

    node.runtime.fail_start("web", "POD", "")
    node.delete("before")

    assert node.runtime.running("web") == ["app"]
    assert node.clock.now() == began


def test_a_command_that_does_not_exist_crash_loops(node: Node) -> None:
    """The engine's words stand in lastState, and one container does not stop others."""
    node.runtime.fail_start("web", "app", "no such file")
    node.run("web", {"name": "app"}, {"name": "other"})

    assert waiting(node)[0] == "CrashLoopBackOff"
    ended = node.status("web")["lastState"]["terminated"]
    assert (ended["reason"], ended["message"]) == ("ContainerCannotRun", "no such file")
    assert "Error: no such file" in node.events("Failed")
    assert node.runtime.running("web") == ["other"]


def test_post_start_is_waited_for(node: Node) -> None:
    """A failing hook kills the container and says so."""
    node.runtime.add_program(["good"], Program())
    node.runtime.add_program(["bad"], Program(exit_code=1))

    def hooked(command: str) -> dict[str, object]:
        hook = {"postStart": {"exec": {"command": [command]}}}
        return {"name": "app", "lifecycle": hook}

    node.run("well", hooked("good"))
    assert node.runtime.running("well") == ["app"]

    node.run("web", hooked("bad"))
    assert node.runtime.running("web") == []
    assert "PostStartHook failed" in node.events("FailedPostStartHook")


def test_pre_stop_runs_within_the_grace(node: Node) -> None:
    """What the hook has used is missing from the stop signal's time."""
    hook = {"preStop": {"sleep": {"seconds": 10}}}
    app = {"name": "app", "lifecycle": hook}
    node.run("web", app, terminationGracePeriodSeconds=12)
    node.delete("web")

    assert ("stop_container", "web-app-2", 2.0) in node.runtime.calls


def test_a_failed_pre_stop_is_only_told(node: Node) -> None:
    """The container stops all the same."""
    hook = {"preStop": {"exec": {"command": ["missing"]}}}
    node.run("web", {"name": "app", "lifecycle": hook})
    node.delete("web")

    assert node.events("FailedPreStopHook") == ["PreStopHook failed"]
    assert not node.exists("web")
