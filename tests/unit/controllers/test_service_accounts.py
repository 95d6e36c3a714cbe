"""The account `default` of each namespace."""

from supervisor.kinds.identity import SERVICE_ACCOUNT
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import ALWAYS_THERE
from tests.unit.controllers.cluster import Cluster
from tests.unit.controllers.workloads.living import FAST, Living, workload

ACCOUNTS = SERVICE_ACCOUNT.resource


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def places(world: Cluster) -> list[str]:
    """The namespaces that have an account `default`."""
    found = (item["metadata"] for item in world.api.list(ACCOUNTS).items)
    return sorted(meta["namespace"] for meta in found if meta["name"] == "default")


def test_each_namespace_has_an_account() -> None:
    """Those of an existing store as well as new ones."""
    world = Cluster("serviceaccount")
    world.settle()
    assert places(world) == sorted(ALWAYS_THERE)

    world.create("namespaces", namespace("shop"))
    world.settle()
    assert places(world) == sorted([*ALWAYS_THERE, "shop"])


def test_a_deleted_account_is_created_again() -> None:
    """With a new uid; other accounts stay deleted."""
    world = Cluster("serviceaccount")
    other = {**SERVICE_ACCOUNT.head, "metadata": {"name": "robot"}}
    world.create(ACCOUNTS, other, "default")
    world.settle()
    before = world.api.get(ACCOUNTS, "default", "default")

    for name in ("default", "robot"):
        world.api.delete(ACCOUNTS, name, "default")
    world.settle()

    after = world.api.get(ACCOUNTS, "default", "default")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert len(world.api.list(ACCOUNTS, "default").items) == 1


def test_a_namespace_can_be_deleted() -> None:
    """Its account is not created again meanwhile."""
    world = Cluster("serviceaccount", "namespaces")
    world.create("namespaces", namespace("shop"))
    world.settle()
    world.api.delete("namespaces", "shop", "")
    world.advance(60)

    assert "shop" not in places(world)
    names = [n["metadata"]["name"] for n in world.api.list("namespaces").items]
    assert "shop" not in names


def test_a_controller_reports_an_unknown_account() -> None:
    """As an event of the owner."""
    world = Living(1, *FAST)
    made = workload("ReplicaSet", replicas=1)
    made["spec"]["template"]["spec"]["serviceAccountName"] = "robot"
    world.create("replicasets.apps", made)
    world.live()

    (event,) = world.events("FailedCreate")
    assert event.startswith(
        'FailedCreate Error creating: pods "web-" is forbidden: error looking up '
        'service account default/robot: serviceaccount "robot" not found'
    )
