"""A node dies: what is lost, what runs elsewhere, and how it comes back, told live.

    python -m scripts.demo_nodes compose|lab [down]

`compose` has its hosts in containers (configs/compose), `lab` in namespaces of this
machine. The story is that of Figure 4.1 of "Kubernetes in Action". It leaves nothing
behind, unless KEEP=1 is set, which keeps all of it running at the end; `down`, or the
next run, ends that.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from scripts.hosts import Hosts
from scripts.local_daemon import ready_nodes
from scripts.telling import (
    Failed,
    Telling,
    clean_up_undisturbed,
    end_with_cleaning_up,
)
from scripts.waiting import condition, is_ready, pods, replicas
from supervisor.client.rest import RestClient, from_kubeconfig
from supervisor.model.errors import ApiError

NODES = 3
REPLICAS = 3
LONE = "kubia-manual"
IMAGE = "luksa/kubia:latest"


# -- what the story waits for


def nodes_ready(telling: Telling, count: int) -> Callable[[], str]:
    def check() -> str:
        ready = ready_nodes(telling)
        return ", ".join(ready) if len(ready) == count else ""

    return check


def places(found: list[dict[str, Any]]) -> str:
    """How many pods each node has, in words."""
    names = [str(p["spec"].get("nodeName", "")) for p in found]
    return ", ".join(f"{names.count(n)} on {n}" for n in sorted(set(names)))


def placed(
    client: RestClient, on: Callable[[set[str]], bool], count: int = REPLICAS
) -> Callable[[], str]:
    """The replicas are exact, and the nodes that they are on are as wanted."""
    exact = replicas(client, count)

    def check() -> str:
        ready = [p for p in pods(client, "app=kubia") if is_ready(p)]
        nodes = {str(p["spec"]["nodeName"]) for p in ready}
        return places(ready) if len(ready) == count and exact() and on(nodes) else ""

    return check


def lone_runs(client: RestClient) -> Callable[[], str]:
    def check() -> str:
        pod = client.get("pods", LONE, "default")
        return f"on {pod['spec']['nodeName']}" if is_ready(pod) else ""

    return check


def node_is(client: RestClient, name: str, ready: bool) -> Callable[[], str]:
    def check() -> str:
        found = condition(client.get("nodes", name), "Ready")
        if (found == "True") != ready:
            return ""
        return "its condition Ready is " + found

    return check


def evicted(client: RestClient, lost: set[str]) -> Callable[[], str]:
    """All pods of the lost node have been told to go; nobody there can confirm it."""

    def check() -> str:
        leaving = [
            p["metadata"]["name"]
            for p in pods(client)
            if "deletionTimestamp" in p["metadata"] and p["metadata"]["uid"] in lost
        ]
        return ", ".join(sorted(leaving)) if len(leaving) == len(lost) else ""

    return check


def gone(client: RestClient, lost: set[str]) -> Callable[[], str]:
    def check() -> str:
        left = [p for p in pods(client) if p["metadata"]["uid"] in lost]
        return "" if left else f"{len(lost)} pods, {LONE} for good"

    return check


def cleared(hosts: Hosts, victim: str, lost: set[str]) -> Callable[[], str]:
    """The engine that came back has no container of a pod that it had."""

    def check() -> str:
        there = hosts.containers(victim)
        stale = [c for c in there if any(uid in c for uid in lost)]
        return "" if stale else f"the engine of {victim} has none of them"

    return check


# -- the story


def spread(telling: Telling, client: RestClient, hosts: Hosts) -> str:
    """Begin with pods on all nodes; says which node has the lone pod."""
    telling.chapter("Three Docker hosts, each of them a node")
    telling.until("all nodes are Ready", nodes_ready(telling, NODES))
    telling.show("get nodes -o wide")
    hosts.load(IMAGE, telling)

    telling.chapter("Three replicas, and a pod that nobody looks after")
    telling.show("apply -f configs/kubia-rc.yaml -f configs/demo/kubia-manual.yaml")
    everywhere = placed(client, lambda nodes: len(nodes) == NODES)
    telling.until("the replicas are spread over the nodes", everywhere)
    telling.until("the lone pod runs", lone_runs(client))
    telling.show("get pods -o wide")
    node: str = client.get("pods", LONE, "default")["spec"]["nodeName"]
    return node


def lose(telling: Telling, client: RestClient, hosts: Hosts, victim: str) -> set[str]:
    """The victim dies; the uids of its pods."""
    there = [p for p in pods(client) if p["spec"].get("nodeName") == victim]
    lost = {p["metadata"]["uid"] for p in there}
    telling.chapter(f"The host {victim} loses its power")
    dead = time.monotonic()
    hosts.kill(victim, telling)
    telling.until(f"{victim} is lost", node_is(client, victim, False), since=dead)
    telling.until("its pods are evicted", evicted(client, lost), since=dead)
    elsewhere = placed(client, lambda nodes: victim not in nodes)
    telling.until("the replicas run elsewhere", elsewhere, since=dead)
    telling.show("get nodes")
    telling.show("get pods -o wide")
    telling.say("The pods that terminate wait for a host that is dead.", "dim")
    telling.show(f"describe node {victim}", ("Taints:", "Unschedulable:"))
    return lost


def come_back(
    telling: Telling, client: RestClient, hosts: Hosts, victim: str, lost: set[str]
) -> None:
    telling.chapter(f"{victim} comes back")
    on = time.monotonic()
    hosts.start(victim, telling)
    telling.until(f"{victim} is back", node_is(client, victim, True), since=on)
    telling.until("its evicted pods are gone", gone(client, lost), since=on)
    telling.until("its stale containers too", cleared(hosts, victim, lost), since=on)
    telling.until("the count is exact", placed(client, lambda _: True), since=on)
    telling.show("get nodes")
    telling.say(
        "Pods stay where they run; the next ones go where there is room.", "dim"
    )
    telling.show(f"scale rc kubia --replicas={REPLICAS + 1}")
    back = placed(client, lambda nodes: victim in nodes, REPLICAS + 1)
    telling.until(f"{victim} has a replica again", back)
    telling.show("get pods -o wide")


def story(telling: Telling, hosts: Hosts) -> None:
    hosts.up(telling)
    client = from_kubeconfig(hosts.kubeconfig)
    victim = spread(telling, client, hosts)
    lost = lose(telling, client, hosts, victim)
    come_back(telling, client, hosts, victim, lost)


_USAGE = "usage: python -m scripts.demo_nodes compose|lab [down]"


def chosen(word: str) -> Hosts:
    if word == "compose":
        from scripts.compose_hosts import ComposeHosts

        return ComposeHosts()
    if word == "lab":
        from scripts.lab_hosts import LabHosts

        return LabHosts()
    raise SystemExit(_USAGE)


def tell(telling: Telling, hosts: Hosts) -> int:
    try:
        story(telling, hosts)
    except (Failed, ApiError, KeyboardInterrupt) as error:
        clean_up_undisturbed()
        telling.fail(error)
        telling.console.print(hosts.log(), markup=False)
        return 1
    telling.summary("A node dies, and comes back")
    if os.environ.get("KEEP"):
        hosts.keep()
        telling.console.print(f"""
It keeps running. Try:
  export KUBECONFIG={hosts.kubeconfig}
  kubectl get pods -o wide -w    (or: .venv/bin/supervisor get pods -o wide -w)
and end it with: make demo-down""")
    return 0


def main() -> int:
    if sys.argv[2:] not in ([], ["down"]):
        raise SystemExit(_USAGE)
    hosts = chosen("".join(sys.argv[1:2]))
    if sys.argv[2:] == ["down"]:
        hosts.down()
        return 0
    end_with_cleaning_up()
    telling = Telling(hosts.kubeconfig)
    with hosts:
        try:
            return tell(telling, hosts)
        finally:
            clean_up_undisturbed()
            if not os.environ.get("KEEP"):
                telling.say("cleaning up", "dim")


if __name__ == "__main__":
    sys.exit(main())
