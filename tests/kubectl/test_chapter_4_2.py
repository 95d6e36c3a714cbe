"""Chapter 4.2 of the book: a ReplicationController maintains its pods."""

import re

import pytest

from tests.checks import eventually, ready_pods
from tests.kubectl.conftest import CONFIGS, Cli

pytestmark = [pytest.mark.kubectl, pytest.mark.docker]

KUBIA = str(CONFIGS / "kubia-rc.yaml")


def kubias(cli: Cli) -> list[str]:
    return ready_pods(cli.daemon.client, cli.namespace, "app=kubia")


def everyone(cli: Cli) -> list[str]:
    return ready_pods(cli.daemon.client, cli.namespace)


def three_replicas(cli: Cli) -> list[str]:
    assert cli("create", "-f", KUBIA) == "replicationcontroller/kubia created\n"
    eventually(lambda: len(kubias(cli)) == 3, what="three replicas")
    return kubias(cli)


def test_the_controller_creates_its_pods(cli: Cli) -> None:
    """Three pods, named after the controller and counted in its status."""
    names = three_replicas(cli)

    assert all(re.fullmatch("kubia-[a-z0-9]{5}", n) for n in names)
    table = cli("get", "rc")
    assert re.search(r"NAME +DESIRED +CURRENT +READY +AGE\nkubia +3 +3 +3 +\d+s", table)


def test_a_deleted_pod_is_replaced(cli: Cli) -> None:
    """The new pod exists while the old one is still terminating."""
    names = three_replicas(cli)
    gone = cli("delete", "po", names[0], "--wait=false")
    assert f'pod "{names[0]}" deleted' in gone

    eventually(lambda: len(kubias(cli)) == 3, what="the replacement")
    assert names[0] not in kubias(cli)
    story = cli("describe", "rc", "kubia")
    assert re.search(r"Replicas: +3 current / 3 desired", story)
    assert re.search(r"Pods Status: +4 Running / 0 Waiting", story)
    assert len(re.findall(r"SuccessfulCreate .*Created pod: kubia-", story)) == 4


def test_another_label_changes_nothing(cli: Cli) -> None:
    """The controller uses only the labels of its selector."""
    names = three_replicas(cli)
    assert cli("label", "po", names[0], "type=special") == f"pod/{names[0]} labeled\n"

    assert re.search("special", cli("get", "po", "--show-labels"))
    assert kubias(cli) == names


def test_a_relabelled_pod_is_replaced_and_keeps_running(cli: Cli) -> None:
    """Out of scope it is released; back in scope, a surplus pod is deleted."""
    names = three_replicas(cli)
    refused = cli.refused("label", "po", names[0], "app=foo")
    assert "'app' already has a value (kubia), and --overwrite is false" in refused

    cli("label", "po", names[0], "app=foo", "--overwrite")
    eventually(lambda: len(kubias(cli)) == 3, what="a replacement")
    assert names[0] in everyone(cli)
    assert re.search(rf"{names[0]} .* foo", cli("get", "po", "-L", "app"))
    owners = "jsonpath={.metadata.ownerReferences}"
    assert cli("get", "po", names[0], "-o", owners) == ""

    cli("label", "po", names[0], "app=kubia", "--overwrite")
    eventually(lambda: len(kubias(cli)) == 3, what="one is deleted")


def test_an_edited_template_affects_only_new_pods(cli: Cli) -> None:
    """Existing pods stay unchanged; their replacements have the new label."""
    names = three_replicas(cli)
    editor = "sed -i 's/^        app: kubia/        app: kubia\\n        more: yes1/'"
    done = cli("edit", "rc", "kubia", env={"KUBE_EDITOR": editor})
    assert done == "replicationcontroller/kubia edited\n"
    assert kubias(cli) == names

    cli("delete", "po", names[0], "--wait=false")
    eventually(lambda: len(kubias(cli)) == 3, what="the replacement")
    new = cli("get", "po", "-l", "more=yes1", "-o", "name").split()
    assert len(new) == 1
    assert new[0].removeprefix("pod/") not in names


def test_scaling_up_and_down(cli: Cli) -> None:
    """By `scale`, and by editing the number."""
    three_replicas(cli)
    done = cli("scale", "rc", "kubia", "--replicas=5")
    assert done == "replicationcontroller/kubia scaled\n"
    eventually(lambda: len(kubias(cli)) == 5, what="five replicas")

    editor = "sed -i 's/  replicas: 5$/  replicas: 2/'"
    cli("edit", "rc", "kubia", env={"KUBE_EDITOR": editor})
    eventually(lambda: len(kubias(cli)) == 2, what="two replicas")
    assert re.search(r"kubia +2 +2 +2", cli("get", "rc"))


@pytest.mark.parametrize("option", ["--cascade=false", "--cascade=orphan"])
def test_a_deleted_controller_can_orphan_its_pods(cli: Cli, option: str) -> None:
    """They have no owner then, and a new controller adopts them unchanged."""
    names = three_replicas(cli)
    done = cli("delete", "rc", "kubia", option)
    assert 'replicationcontroller "kubia" deleted' in done
    assert cli.refused("get", "rc", "kubia").startswith("Error from server (NotFound)")
    assert kubias(cli) == names

    cli("create", "-f", KUBIA)
    owners = "jsonpath={.items[*].metadata.ownerReferences[0].name}"
    eventually(
        lambda: (
            cli("get", "po", "-l", "app=kubia", "-o", owners).split() == ["kubia"] * 3
        ),
        what="the pods are adopted",
    )
    assert kubias(cli) == names


def test_a_deleted_controller_deletes_its_pods(cli: Cli) -> None:
    """This is the default."""
    three_replicas(cli)
    cli("delete", "rc", "kubia")

    eventually(lambda: kubias(cli) == [], what="the pods are being deleted")
