"""The main job on one Docker engine, told live: probe, kill, recreate; replace; scale.

Starts a daemon of its own, runs the same commands that a user would type, and ends with
a table of what happened. Leaves nothing behind, unless KEEP=1 is set.
"""

import os
import sys
from collections.abc import Callable

from scripts.local_daemon import LocalDaemon
from scripts.telling import ROOT, Failed, Telling, end_with_cleaning_up
from scripts.waiting import pods, replaced, replicas
from supervisor.client.rest import RestClient, from_kubeconfig
from supervisor.model.errors import ApiError

STATE = ROOT / ".work" / "demo"
#: Each run is a cluster of its own, which no other run's claim of the engine hinders.
SETTINGS = ""


def restarted(client: RestClient, times: int) -> Callable[[], str]:
    """The unhealthy container was killed and runs again as a new one."""

    def check() -> str:
        pod = client.get("pods", "kubia-liveness", "default")
        status = (pod["status"].get("containerStatuses") or [{}])[0]
        ended = status.get("lastState", {}).get("terminated")
        if status.get("restartCount", 0) < times or not ended:
            return ""
        if "running" not in status["state"]:
            return ""
        code = ended["exitCode"]
        return f"exit code {code}, restart count {status['restartCount']}"

    return check


def tell_events(demo: Telling, client: RestClient, times: int) -> None:
    """Show what the probes find until the container has been restarted `times`."""
    told: dict[str, int] = {}
    done = restarted(client, times)

    def check() -> str:
        fields = "involvedObject.name=kubia-liveness"
        events = client.list("events", "default", fields=fields).items
        for event in sorted(events, key=lambda e: str(e.get("lastTimestamp"))):
            uid, count = event["metadata"]["uid"], int(event.get("count", 1))
            if told.get(uid) != count and event["reason"] in ("Unhealthy", "Killing"):
                told[uid] = count
                repeated = f" (x{count})" if count > 1 else ""
                demo.say(f"  {event['reason']}{repeated}: {event['message']}", "yellow")
        return done()

    demo.until(f"killed and recreated, {times} times", check)


def story(demo: Telling, client: RestClient) -> None:
    demo.chapter("A container that falls ill, and three replicas of a healthy one")
    demo.show("apply -f configs/demo/kubia-liveness-fast.yaml -f configs/kubia-rc.yaml")
    demo.until("the ReplicationController has made its pods", replicas(client, 3))
    demo.show("get pods -o wide")

    demo.chapter("A deleted pod is replaced")
    before = {p["metadata"]["name"] for p in pods(client, "app=kubia")}
    victim = sorted(before)[0]
    demo.show(f"delete pod {victim} --wait=false")
    demo.until("replaced", replaced(client, victim, before))
    demo.show("get pods -l app=kubia")

    demo.chapter("Scaling up, and down")
    demo.show("scale rc kubia --replicas=5")
    demo.until("scaled up", replicas(client, 5))
    demo.show("scale rc kubia --replicas=2")
    demo.until("scaled down", replicas(client, 2))
    demo.show("get rc")

    demo.chapter("The unhealthy container: probed, killed with 137, recreated, counted")
    tell_events(demo, client, 2)
    parts = (("State:", "Liveness:"), ("Events:", ""))
    demo.show("describe pod kubia-liveness", *parts)
    demo.show("logs kubia-liveness --previous --tail 3")


def start(demo: Telling, daemon: LocalDaemon) -> RestClient:
    daemon.start(SETTINGS)
    demo.until("the daemon is up", up(demo, daemon))
    return from_kubeconfig(daemon.kubeconfig)


def up(demo: Telling, daemon: LocalDaemon) -> Callable[[], str]:
    def check() -> str:
        ready = daemon.ready_nodes(demo)
        return f"node {ready[0]} is Ready" if ready else ""

    return check


def end_earlier(demo: Telling, daemon: LocalDaemon) -> None:
    """End what an earlier run has left, which was kept or killed."""
    if daemon.resume():
        try:
            Telling(daemon.kubeconfig).until("an earlier run ends", up(demo, daemon))
        except Failed as error:
            demo.fail(error)
        clean_up(demo, daemon)
    daemon.forget()


def clean_up(demo: Telling, daemon: LocalDaemon) -> None:
    """Delete everything through the API, give the engine up, and end the daemon."""
    demo.command("delete rc,pods --all --grace-period=1 --timeout=30s")
    for node in daemon.ready_nodes(demo) if daemon.process else ():
        demo.command(f"node remove {node} --timeout=30s")
    daemon.end()


def main() -> int:
    if sys.argv[1:] not in ([], ["down"]):
        raise SystemExit("usage: python -m scripts.demo [down]")
    daemon = LocalDaemon(STATE)
    demo = Telling(daemon.kubeconfig)
    end_earlier(demo, daemon)
    if sys.argv[1:] == ["down"]:
        return 0
    end_with_cleaning_up()
    try:
        story(demo, start(demo, daemon))
    except (Failed, ApiError, KeyboardInterrupt) as error:
        demo.fail(error)
        demo.console.print(f"The daemon's log: {daemon.log}")
        clean_up(demo, daemon)
        return 1
    demo.summary("make demo")
    if os.environ.get("KEEP"):
        demo.console.print(f"""
It keeps running. Try:
  export KUBECONFIG={daemon.kubeconfig}
  kubectl get pods -w      (or: .venv/bin/supervisor get pods -w)
and end it with: make demo-down""")
        return 0
    demo.say("cleaning up", "dim")
    clean_up(demo, daemon)
    daemon.forget()
    return 0


if __name__ == "__main__":
    sys.exit(main())
