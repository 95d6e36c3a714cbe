"""The main job on one Docker engine, told live: probe, kill, recreate; replace; scale.

Starts a daemon of its own, runs the same commands that a user would type, and ends with
a table of what happened. Leaves nothing behind, unless KEEP=1 is set.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from supervisor.client.rest import RestClient, from_kubeconfig  # noqa: E402
from supervisor.model.errors import ApiError  # noqa: E402

SUPERVISOR = Path(sys.executable).with_name("supervisor")
STATE = ROOT / ".work" / "demo"
CLUSTER = "demo"
PORT = 6443
STEP_SECONDS = 90


class Failed(Exception):
    """A step did not come true in time."""


class Demo:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.began = time.monotonic()
        self.rows: list[tuple[str, str, float]] = []
        self.kubeconfig = STATE / "kubeconfig"
        self.daemon: subprocess.Popen[bytes] | None = None

    # -- telling

    def chapter(self, title: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{title}", align="left", style="dim")

    def say(self, text: str, style: str = "") -> None:
        at = time.monotonic() - self.began
        self.console.print(Text(f"{at:6.1f} s  ", "dim") + Text(text, style))

    def show(self, command: str, *parts: tuple[str, str]) -> None:
        """Run one of our own commands, with its output, as a user would.

        Of a long output, `parts` names the (first, last) words of the lines to show.
        """
        self.console.print(Text(f"\n$ supervisor {command}", "bold cyan"))
        done = self.command(command)
        self.console.print(Text(excerpt(done.stdout, parts).rstrip("\n")))
        if done.returncode:
            raise Failed(f"supervisor {command}: {done.stderr.strip()}")

    def command(self, command: str) -> "subprocess.CompletedProcess[str]":
        env = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        argv = [str(SUPERVISOR), *shlex.split(command)]
        return subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)

    def until(self, what: str, check: Callable[[], str]) -> None:
        """Wait until `check` says something, and note how long that took."""
        start = time.monotonic()
        while not (found := self._try(check)):
            if time.monotonic() - start > STEP_SECONDS:
                raise Failed(f"not in {STEP_SECONDS} s: {what}")
            time.sleep(0.05)
        self.say(f"✔ {what}: {found}", "green")
        self.rows.append((what, found, time.monotonic() - start))

    def _try(self, check: Callable[[], str]) -> str:
        try:
            return check()
        except ApiError as error:
            if error.code != 404:
                raise
            return ""

    # -- the daemon

    def start_daemon(self) -> RestClient:
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(parents=True)
        settings = STATE / "demo.yaml"
        settings.write_text(f"cluster: {CLUSTER}\n")
        argv = [str(SUPERVISOR), "daemon", "--config", str(settings)]
        argv += ["--state-dir", str(STATE), "--listen", f"127.0.0.1:{free_port()}"]
        with (STATE / "daemon.log").open("wb") as log:
            self.daemon = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.until("the daemon is up", self._is_up)
        return from_kubeconfig(self.kubeconfig)

    def _is_up(self) -> str:
        assert self.daemon is not None
        if self.daemon.poll() is not None:
            log = (STATE / "daemon.log").read_text()
            raise Failed(f"the daemon ended:\n{log}")
        if not self.kubeconfig.exists():
            return ""
        ready = self.command("get nodes --no-headers").stdout.split()
        return f"node {ready[0]} is Ready" if "Ready" in ready else ""

    def stop_daemon(self) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            self.daemon.wait(20)


def excerpt(text: str, parts: Sequence[tuple[str, str]]) -> str:
    """The lines from each part's first word to its last, with dots between."""
    if not parts:
        return text
    shown: list[str] = []
    lines = text.splitlines()
    for first, last in parts:
        begin = next((i for i, x in enumerate(lines) if x.strip().startswith(first)), 0)
        rest = range(begin, len(lines))
        end = next((i for i in rest if last and lines[i].strip().startswith(last)), -1)
        shown += ["…", *lines[begin : end + 1 if end >= 0 else None]]
    return "\n".join(shown)


def free_port() -> int:
    """The usual port, or any other if that one is taken."""
    for port in (PORT, 0):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = sock.getsockname()[1]
            return number
    raise Failed("no free port")


# -- what the story waits for


def pods(client: RestClient, labels: str = "") -> list[dict[str, Any]]:
    return client.list("pods", "default", labels=labels).items


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]


def replicas(client: RestClient, count: int) -> Callable[[], str]:
    """Exactly `count` replicas are ready (those that terminate do not count)."""

    def check() -> str:
        status = client.get("replicationcontrollers", "kubia", "default")["status"]
        ready = [p for p in pods(client, "app=kubia") if is_ready(p)]
        exact = status["replicas"] == count == len(ready)
        return f"{count} pods ready" if exact else ""

    return check


def replaced(client: RestClient, victim: str, before: set[str]) -> Callable[[], str]:
    def check() -> str:
        ready = {
            p["metadata"]["name"] for p in pods(client, "app=kubia") if is_ready(p)
        }
        return next((f"{victim} → {new}" for new in ready - before), "")

    return check


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


def tell_events(demo: Demo, client: RestClient, times: int) -> None:
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


# -- the story


def story(demo: Demo, client: RestClient) -> None:
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


def summary(demo: Demo) -> None:
    table = Table(title="What happened", title_justify="left")
    table.add_column("step")
    table.add_column("outcome")
    table.add_column("took", justify="right")
    for what, outcome, seconds in demo.rows:
        table.add_row(what, outcome, f"{seconds:.1f} s")
    demo.console.print()
    demo.console.print(table)


def clean_up(demo: Demo) -> None:
    """Delete everything through the API, then end the daemon."""
    demo.say("cleaning up", "dim")
    demo.command("delete rc,pods --all --grace-period=1 --timeout=30s")
    demo.stop_daemon()
    shutil.rmtree(STATE, ignore_errors=True)


def main() -> int:
    # RECORD=FILE.svg keeps a picture of what is shown.
    picture = os.environ.get("RECORD", "")
    width = 120 if picture else None
    console = Console(
        highlight=False, soft_wrap=True, record=bool(picture), width=width
    )
    demo = Demo(console)
    try:
        client = demo.start_daemon()
        story(demo, client)
    except (Failed, ApiError, KeyboardInterrupt) as error:
        console.print(Text(f"\nfailed: {error or 'interrupted'}", "bold red"))
        console.print(f"The daemon's log: {STATE / 'daemon.log'}")
        demo.command("delete rc,pods --all --grace-period=1 --timeout=30s")
        demo.stop_daemon()
        return 1
    summary(demo)
    if picture:
        console.save_svg(picture, title="make demo")
    if os.environ.get("KEEP"):
        console.print("\nIt keeps running. Try:")
        console.print(f"  export KUBECONFIG={demo.kubeconfig}")
        console.print(
            "  kubectl get pods -w      (or: .venv/bin/supervisor get pods -w)"
        )
        assert demo.daemon is not None
        console.print(f"and end it with: kill {demo.daemon.pid}")
        return 0
    clean_up(demo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
