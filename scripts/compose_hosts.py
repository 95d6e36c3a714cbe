"""The hosts of configs/compose: engines in containers, and a supervisor in one."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from scripts.local_daemon import PORT, free_port
from scripts.telling import ROOT, Failed, Telling

PROJECT = "supervisor-nodes"
NAMES = ("node1", "node2", "node3")
_STATE = ROOT / ".work" / "demo-compose"
_LABEL = "com.docker.compose"
_OURS = f"--filter=label={_LABEL}.project={PROJECT}"
_REMOVED = "--volumes --remove-orphans --timeout 0"


class ComposeHosts:
    """Satisfies scripts.hosts.Hosts."""

    def __init__(self) -> None:
        self.kubeconfig = _STATE / "kubeconfig"
        self._port = PORT
        self._kept = False

    def __enter__(self) -> "ComposeHosts":
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.down()

    def up(self, telling: Telling) -> None:
        if self._containers():
            telling.say("removing what an earlier run has left", "dim")
        self._down()
        self._port = free_port()
        _STATE.mkdir(parents=True)
        telling.typed("scripts/compose up --detach")
        begun = time.monotonic()
        self._compose("up", "--detach", "--no-build")

        def check() -> str:
            done = self._run(
                self._exec("supervisor", "cat", "/var/lib/supervisor/kubeconfig")
            )
            if done.returncode:
                return ""
            text = done.stdout.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{self._port}")
            self.kubeconfig.touch(0o600)
            self.kubeconfig.write_text(text)
            return f"https://127.0.0.1:{self._port}"

        what = "three hosts and a supervisor are started"
        telling.until(what, check, since=begun)

    def kill(self, name: str, telling: Telling) -> None:
        self._shown(telling, "kill", self._name(name))

    def start(self, name: str, telling: Telling) -> None:
        self._shown(telling, "start", self._name(name))

    def load(self, image: str, telling: Telling) -> None:
        for name in NAMES:
            telling.typed(
                f"docker save {image} | docker exec -i {self._name(name)} docker load"
            )
        with ThreadPoolExecutor(len(NAMES)) as pool:
            list(pool.map(lambda name: self._load(image, name), NAMES))

    def containers(self, name: str) -> list[str]:
        done = self._run(self._exec(name, "docker", "ps", "-a", "--format={{.Names}}"))
        if done.returncode:
            raise Failed(f"the engine of {name}: {done.stderr.strip()}")
        return done.stdout.split()

    def keep(self) -> None:
        self._kept = True

    def down(self) -> None:
        if shutil.which("docker") and self._containers():
            self._down()

    def log(self) -> str:
        if not (names := self._containers("supervisor")):
            return ""
        return self._run(["docker", "logs", "--tail=40", *names]).stderr

    # -- compose, and docker
    def _compose(self, *words: str) -> None:
        done = self._run([str(ROOT / "scripts" / "compose"), *words])
        if done.returncode:
            raise Failed(f"scripts/compose {' '.join(words)}: {done.stderr.strip()}")

    def _down(self) -> None:
        self._compose("down", *_REMOVED.split())
        # The engine may have finished what an interrupted Compose had begun.
        for container in self._containers():
            self._run(["docker", "rm", "--force", "--volumes", container])
        for kind in ("network", "volume"):
            found = self._run(["docker", kind, "ls", "--quiet", _OURS])
            for left in found.stdout.split():
                self._run(["docker", kind, "rm", left])
        shutil.rmtree(_STATE, ignore_errors=True)

    def _containers(self, service: str = "") -> list[str]:
        labels = [_OURS]
        if service:
            labels.append(f"--filter=label={_LABEL}.service={service}")
        found = self._run(["docker", "ps", "-a", *labels, "--format={{.Names}}"])
        return found.stdout.split()

    def _name(self, service: str) -> str:
        """Of its container; versions of Compose make different ones."""
        names = self._containers(service)
        if not names:
            raise Failed(f"there is no container of {service}")
        return names[0]

    def _exec(self, service: str, *argv: str) -> list[str]:
        return ["docker", "exec", self._name(service), *argv]

    def _shown(self, telling: Telling, *words: str) -> None:
        telling.typed(" ".join(["docker", *words]))
        done = self._run(["docker", *words])
        if done.returncode:
            raise Failed(f"docker {' '.join(words)}: {done.stderr.strip()}")

    def _load(self, image: str, name: str) -> None:
        source = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
        into = ["docker", "exec", "-i", self._name(name), "docker", "load", "-q"]
        done = subprocess.run(into, stdin=source.stdout, capture_output=True, text=True)
        if source.wait() or done.returncode:
            raise Failed(f"{image} could not be loaded into {name}: {done.stderr}")

    def _run(self, argv: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        env = os.environ | {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "SUPERVISOR_PORT": str(self._port),
        }
        try:
            return subprocess.run(
                argv, env=env, cwd=ROOT, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise Failed(f"there is no program {argv[0]} on PATH: install it") from None
