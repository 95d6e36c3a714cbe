"""The command, run as a user runs it, against the API over HTTPS."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from tests.api_server import ApiServer, serving
from tests.fakes import manifests

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API for all tests of the file."""
    with serving(tmp_path_factory.mktemp("state")) as made:
        yield made


@pytest.fixture
def space(server: ApiServer) -> str:
    """A namespace that only this test uses."""
    body = manifests.namespace("")
    body["metadata"] = {"generateName": "t-"}
    return str(server.registry.create("namespaces", body)["metadata"]["name"])


@pytest.fixture
def say(
    server: ApiServer,
    space: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Say:
    """Runs the command in the test's namespace: (exit code, stdout, stderr)."""
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))

    def command(*words: str) -> tuple[int, str, str]:
        code = run(["-n", space, *words])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return command


RC = """\
apiVersion: v1
kind: ReplicationController
metadata: {name: kubia}
spec:
  replicas: REPLICAS
  selector: {app: kubia}
  template:
    metadata: {labels: {app: kubia}}
    spec: {containers: [{name: kubia, image: luksa/kubia}]}
"""


@pytest.fixture
def rc(tmp_path: Path) -> Path:
    """The book's controller as a file."""
    path = tmp_path / "kubia-rc.yaml"
    path.write_text(RC.replace("REPLICAS", "3"))
    return path


def test_apply_creates_changes_and_leaves_alone(say: Say, rc: Path) -> None:
    """created, unchanged, configured."""
    assert say("apply", "-f", str(rc)) == (
        0,
        "replicationcontroller/kubia created\n",
        "",
    )
    assert say("apply", "-f", str(rc))[1] == "replicationcontroller/kubia unchanged\n"
    rc.write_text(RC.replace("REPLICAS", "5"))
    assert say("apply", "-f", str(rc))[1] == "replicationcontroller/kubia configured\n"
    assert say("get", "rc", "kubia", "-o", "jsonpath={.spec.replicas}")[1] == "5"


def test_apply_says_what_create_left_out(say: Say, rc: Path) -> None:
    """The annotation is missing, and added."""
    say("create", "-f", str(rc))

    _, out, err = say("apply", "-f", str(rc))

    assert out == "replicationcontroller/kubia configured\n"
    assert "is missing the kubectl.kubernetes.io/last-applied-configuration" in err


def test_create_refuses_what_exists_and_goes_on(say: Say, rc: Path) -> None:
    """The other objects of the file are still created."""
    say("create", "-f", str(rc))
    rc.write_text(
        rc.read_text() + "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n"
    )

    code, out, err = say("create", "-f", str(rc))

    assert (code, out) == (1, "configmap/c created\n")
    assert err.startswith(
        f'Error from server (AlreadyExists): error when creating "{rc}": '
        'replicationcontrollers "kubia" already exists\nhint: '
    )


def test_unknown_fields_and_kinds_are_refused(say: Say, tmp_path: Path) -> None:
    """With the field, or what the server has instead."""
    path = tmp_path / "f.yaml"
    path.write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, daat: {}}")
    assert (
        'strict decoding error: unknown field "daat"'
        in say("apply", "-f", str(path))[2]
    )

    path.write_text("{apiVersion: apps/v1beta3, kind: ReplicaSet, metadata: {name: c}}")
    code, _, err = say("create", "-f", str(path))
    assert code == 1
    assert 'no matches for kind "ReplicaSet" in version "apps/v1beta3"' in err


def test_get_prints_the_servers_table(say: Say, rc: Path) -> None:
    """And says where it found nothing."""
    code, out, err = say("get", "pods")
    assert (code, out) == (0, "")
    assert err.startswith("No resources found in t-")

    say("create", "-f", str(rc))
    assert say("get", "rc,pods")[1] == (
        "NAME                          DESIRED   CURRENT   READY   AGE\n"
        "replicationcontroller/kubia   3         0         0       0s\n"
    )
    assert say("get", "rc/kubia", "-o", "name")[1] == "replicationcontroller/kubia\n"


def test_get_tells_of_each_missing_object(say: Say, rc: Path) -> None:
    """What is there is still printed; the exit code is 1."""
    say("create", "-f", str(rc))

    code, out, err = say("get", "rc", "kubia", "nope", "--no-headers")

    assert (code, out.split()[0]) == (1, "kubia")
    assert err == (
        'Error from server (NotFound): replicationcontrollers "nope" not found\n'
    )


def test_labels_are_set_overwritten_and_removed(say: Say, rc: Path) -> None:
    """As in the book."""
    say("create", "-f", str(rc))

    assert (
        say("label", "rc", "kubia", "a=b")[1] == "replicationcontroller/kubia labeled\n"
    )
    code, _, err = say("label", "rc", "kubia", "a=c")
    assert code == 1
    assert err.startswith(
        "error: 'a' already has a value (b), and --overwrite is false"
    )
    assert say("label", "rc", "kubia", "a=c", "--overwrite=true")[0] == 0
    assert say("label", "rc", "kubia", "--list")[1] == "a=c\napp=kubia\n"
    assert (
        say("label", "rc", "kubia", "a-")[1]
        == "replicationcontroller/kubia unlabeled\n"
    )


def test_scaling_compares_where_it_is_asked_to(say: Say, rc: Path) -> None:
    """--current-replicas is a condition."""
    say("create", "-f", str(rc))

    code, _, err = say("scale", "rc/kubia", "--replicas=1", "--current-replicas=7")
    assert (code, err) == (1, "error: Expected replicas to be 7, was 3\n")
    code, out, _ = say("scale", "rc", "kubia", "--replicas=10")
    assert (code, out) == (0, "replicationcontroller/kubia scaled\n")
    code, _, err = say("scale", "rc", "kubia")
    assert code == 1 and "--replicas=COUNT flag is required" in err


def test_delete_waits_until_the_object_is_gone(
    say: Say, server: ApiServer, space: str
) -> None:
    """Also where somebody else has to let it go first."""
    body = manifests.config_map("a")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    server.registry.create("configmaps", body, space)

    def release() -> None:
        for event in server.registry.watch("configmaps", space, since="0", timeout=20):
            if event.object["metadata"].get("deletionTimestamp"):
                free = {"metadata": {"finalizers": None}}
                server.registry.patch("configmaps", "a", space, free)
                return

    helper = threading.Thread(target=release)
    helper.start()
    code, out, _ = say("delete", "configmap", "a", "--timeout=20s")
    helper.join()

    assert (code, out) == (0, 'configmap "a" deleted\n')
    assert say("get", "cm", "a")[0] == 1


def test_delete_gives_up_after_its_timeout(
    say: Say, server: ApiServer, space: str
) -> None:
    """With an error that names the object."""
    body = manifests.config_map("a")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    server.registry.create("configmaps", body, space)

    code, _, err = say("delete", "configmap", "a", "--timeout=200ms")

    assert code == 1
    assert err == "error: timed out waiting for the condition on configmap/a\n"


def test_the_old_cascade_is_understood(say: Say, rc: Path) -> None:
    """With kubectl's warning."""
    say("create", "-f", str(rc))

    code, out, err = say("delete", "rc", "kubia", "--cascade=false", "--wait=false")

    assert (code, out) == (0, 'replicationcontroller "kubia" deleted\n')
    assert err == (
        "warning: --cascade=false is deprecated (boolean value) and can be replaced "
        "with --cascade=orphan.\n"
    )


def test_literals_become_objects(say: Say, tmp_path: Path) -> None:
    """Namespaces, config maps and secrets need no file."""
    (tmp_path / "f.txt").write_text("from a file")
    made = say(
        "create", "cm", "c", "--from-literal=a=1", f"--from-file=b={tmp_path}/f.txt"
    )
    assert made[1] == "configmap/c created\n"
    assert say("get", "cm", "c", "-o", "jsonpath={.data}")[1] == (
        '{"a":"1","b":"from a file"}'
    )
    assert say("create", "secret", "generic", "s", "--from-literal=pw=x")[0] == 0
    assert say("get", "secret", "s", "-o", "jsonpath={.data.pw}")[1] == "eA=="


def test_an_edit_that_is_refused_opens_again(
    say: Say, rc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the error as comment; the second try is right."""
    say("create", "-f", str(rc))
    script = tmp_path / "editor"
    script.write_text(
        "#!/bin/sh\n"
        f'cp "$1" {tmp_path}/seen\n'
        'if grep -q "is invalid" "$1"; then sed -i "s/replicas: -1/replicas: 4/" "$1"\n'
        'else sed -i "s/replicas: 3/replicas: -1/" "$1"; fi\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("KUBE_EDITOR", str(script))

    code, out, _ = say("edit", "rc", "kubia")

    assert (code, out) == (0, "replicationcontroller/kubia edited\n")
    assert '# The ReplicationController "kubia" is invalid: spec.replicas' in (
        (tmp_path / "seen").read_text()
    )


def test_an_edit_without_change_changes_nothing(
    say: Say, rc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so."""
    say("create", "-f", str(rc))
    monkeypatch.setenv("KUBE_EDITOR", "true")

    code, out, err = say("edit", "rc", "kubia")

    assert (code, out, err) == (0, "", "Edit cancelled, no changes made.\n")


def test_mistakes_on_the_command_line_are_kubectls(say: Say) -> None:
    """The same words, and where to read on."""
    assert say("get", "--foo")[2].startswith("Error: unknown flag: --foo\nSee ")
    assert 'unknown command "gte" for "supervisor"' in say("gte")[2]
    assert say("get", "podz")[2].startswith(
        'error: the server doesn\'t have a resource type "podz"\nhint: did you mean'
    )


def test_a_server_that_is_away_is_told(say: Say) -> None:
    """Without a traceback."""
    code, _, err = say("get", "pods", "-s", "https://127.0.0.1:1")

    assert code == 1
    assert err.startswith("The connection to the server 127.0.0.1:1 was refused - did")


def test_wrong_tokens_are_told(say: Say) -> None:
    """As kubectl tells it."""
    code, _, err = say("get", "pods", "--token=wrong")

    assert code == 1
    assert err.startswith("error: You must be logged in to the server (Unauthorized)")


def test_strangers_are_not_trusted(say: Say, server: ApiServer, tmp_path: Path) -> None:
    """A certificate that nobody vouches for is an error of its own."""
    text = server.kubeconfig.read_text().splitlines()
    kept = [line for line in text if "certificate-authority-data" not in line]
    (tmp_path / "config").write_text("\n".join(kept))

    code, _, err = say("get", "pods", "--kubeconfig", str(tmp_path / "config"))

    assert code == 1
    assert "its certificate is not trusted" in err
