"""A node in memory: the real agent, prober and API on a fake engine and a fake clock.

`settle` does what the threads of the daemon do, in the caller's thread: it hands
changes of pods and deaths of containers to the agent, and works on its keys until
nothing is left to do at this instant.
"""

import threading
from collections.abc import Callable
from typing import Any

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.api.registry import Registry
from supervisor.client.base import DeleteOptions, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.feed import SYNCED
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.prober import NodeProber
from supervisor.runtime.base import (
    EngineRefused,
    Image,
    ObservedContainer,
    ObservedPod,
    SandboxConfig,
    State,
)
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.asker import FakeAsker
from tests.fakes.clock import FakeClock
from tests.fakes.runtime import FakeRuntime
from tests.fakes.slow_pull import SlowPull
from tests.fakes.store_view import FakeStoreView

NODE = "node-1"
IMAGE = "img:1"
_MAX_ROUNDS = 200


class AgentDied(BaseException):
    """The agent's process ends here, whatever it was doing."""


class Engine(FakeRuntime):
    """An engine on which stopping takes time, and before which an agent may die."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, node=NODE)
        self._time = clock
        #: Containers that ignore the stop signal, so that their grace is used up.
        self.deaf: set[str] = set()
        #: Containers that the engine refuses to stop.
        self.refused_stops: set[str] = set()
        #: How many more effects the agent lives to see; None for ever.
        self.agent_lives: int | None = None
        #: Pulls that take as long as the test wants, by image.
        self.slow: dict[str, SlowPull] = {}

    def stop_container(self, container_id: str, grace_seconds: float) -> None:
        name = self._held.get(container_id).seen.name
        if name in self.refused_stops:
            raise EngineRefused("cannot stop container: tried to kill, still running")
        if name in self.deaf:
            self._time.advance(grace_seconds)
        super().stop_container(container_id, grace_seconds)

    def slow_pull(self, name: str) -> SlowPull:
        """Have pulls of this image take until the test lets them end."""
        pull = self.slow[name] = SlowPull()
        return pull

    def pull(self, name: str, progress: Callable[[str], None] | None = None) -> Image:
        if slow := self.slow.get(name):
            slow.take(lambda: progress("Pulling fs layer") if progress else None)
        return super().pull(name, progress)

    def reconfigure(self, container_id: str, config: SandboxConfig) -> None:
        """Let a container have been made from another configuration."""
        self._held.get(container_id).config = config

    def forget_image(self, name: str) -> None:
        """Somebody removes an image behind the agent's back."""
        del self._images[name]

    def _call(self, *call: Any) -> None:
        if self.agent_lives is not None:
            if self.agent_lives <= 0:
                raise AgentDied
            self.agent_lives -= 1
        super()._call(*call)


class Node:
    """Tests command it, let time `advance`, and look at the API and the engine."""

    def __init__(self, *, pulls_in_threads: bool = False) -> None:
        """Pulls happen in the caller's thread, or each line of them in its own."""
        self._pulls_in_threads = pulls_in_threads
        self.pull_threads: list[threading.Thread] = []
        self.clock = FakeClock()
        #: What the agent is told of the store behind the API.
        self.store_view = FakeStoreView()
        self.store = SqliteStore(":memory:")
        self.api = Registry(self.store, self.clock)
        self.runtime = Engine(self.clock)
        self.runtime.add_image(IMAGE)
        self.asker = FakeAsker(self.clock.now)
        self._recorder = EventRecorder(self.api, self.clock, "kubelet", threaded=False)
        #: Instants at which each container was started, by (pod, container).
        self.started_at: dict[tuple[str, str], list[float]] = {}
        self.died_at: dict[tuple[str, str], list[float]] = {}
        self._restarts: dict[tuple[str, str], int] = {}
        self._noted: set[tuple[str, str]] = set()
        self.restart()

    def restart(self) -> None:
        """A new agent that knows nothing, as after a death of the daemon."""
        self.prober = NodeProber(
            self.asker, self.clock, lambda uid: self.agent.wake(uid), self._record
        )
        self.agent = Agent(
            NodeFacts(NODE, "192.0.2.7"),
            self.runtime,
            self.api,
            self.clock,
            self.prober,
            self._recorder,
            pull_in_background=self._pull,
            pause=lambda seconds, _: self.clock.advance(seconds),
            store=self.store_view,
        )
        fields = f"spec.nodeName={NODE}"
        self._cursor = self.api.cursor("pods", since="0", fields=fields, initial=True)
        self._hear()
        self.agent.bound_pods.hear(WatchEvent(SYNCED, {}))
        self.agent.engine.look_around()
        self.agent.sweeper.wake()

    def _record(self, obj: Object, type_: str, reason: str, text: str, at: str) -> None:
        self._recorder.record(obj, type_, reason, text, field_path=at)

    def _pull(self, work: Callable[[], None]) -> None:
        if not self._pulls_in_threads:
            work()
            return
        thread = threading.Thread(target=work, daemon=True)
        self.pull_threads.append(thread)
        thread.start()

    def pulls_end(self) -> None:
        """Wait until no pull is under way or in line, and settle."""
        for thread in self.pull_threads:
            thread.join(10)
            assert not thread.is_alive(), "a pull does not end"
        self.settle()

    # -- moving
    def settle(self) -> None:
        """Work until nothing is left to do now."""
        if not self.runtime.unavailable:
            self.agent.site.health.found()  # what the heart does all the time
        for _ in range(_MAX_ROUNDS):
            heard = self._hear()
            worked = [
                controller.step()
                for controller in (
                    self.agent.workers.pool.controller,
                    self.agent.reporter.controller,
                    self.agent.engine.resync,
                    self.agent.sweeper.controller,
                    self.agent.refresher.controller,
                )
            ]
            self._check()
            if not heard and not any(worked):
                self._recorder.flush()
                return
        raise AssertionError(f"not settled after {_MAX_ROUNDS} rounds")

    def advance(self, seconds: float) -> None:
        """Let time pass, working at each instant at which something is due."""
        until = self.clock.now() + seconds
        self.settle()
        while (due := self.clock.next_at()) is not None and due <= until:
            self.clock.advance_to(due)
            self.settle()
        self.clock.advance_to(until)

    def _hear(self) -> bool:
        events = self._cursor.poll()
        for event in events:
            if event.type not in ("BOOKMARK", "ERROR"):
                self.agent.bound_pods.hear(event)
        return bool(events)

    def _check(self) -> None:
        """What must hold at every instant at which it can be seen."""
        if self.runtime.unavailable:
            return
        for pod in self.runtime.pods().values():
            names = [c.name for c in pod.containers if c.state is State.RUNNING]
            assert len(names) == len(set(names)), f"{pod.name} runs {names}"
            for instance in reversed(pod.containers):
                self._note(pod.name, instance, "born", instance.started_at)
                self._note(pod.name, instance, "dead", instance.finished_at)
        for item in self.api.list("pods").items:
            if item["metadata"]["name"].startswith("odd"):
                continue
            for status in item.get("status", {}).get("containerStatuses", []):
                key = (item["metadata"]["uid"], status["name"])
                count = status["restartCount"]
                assert count >= self._restarts.get(key, 0), f"{key} restarts fell"
                self._restarts[key] = count

    def _note(self, pod: str, seen: ObservedContainer, what: str, at: float) -> None:
        if not at or (seen.id, what) in self._noted:
            return
        self._noted.add((seen.id, what))
        rows = self.started_at if what == "born" else self.died_at
        rows.setdefault((pod, seen.name), []).append(at)

    # -- commands
    def run(self, name: str, *containers: Object, **spec: Any) -> str:
        """Create a pod that is bound to this node; return its uid."""
        meta = spec.pop("metadata", {})
        rows = [{"image": IMAGE, **c} for c in containers or ({"name": "app"},)]
        inits = [{"image": IMAGE, **c} for c in spec.pop("initContainers", [])]
        body: Object = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, **meta},
            "spec": {"nodeName": NODE, "containers": rows, **spec},
        }
        if inits:
            body["spec"]["initContainers"] = inits
        made = self.api.create("pods", body, "default")
        self.settle()
        return str(made["metadata"]["uid"])

    def exit(self, pod: str, container: str = "app", code: int = 1) -> None:
        self.runtime.exit(pod, container, code)
        self.wake()

    def wake(self) -> None:
        """What the engine's events do: every pod on it is looked at."""
        for uid in self.runtime.pods():
            self.agent.wake(uid)
        self.settle()

    def delete(self, pod: str, grace: int | None = None) -> None:
        options = DeleteOptions(grace_period_seconds=grace)
        self.api.delete("pods", pod, "default", options)
        self.settle()

    def probe_fails(
        self, container: str = "app", times: int = 1, text: str = ""
    ) -> None:
        """What the next attempts at any probe of a container find."""
        self.asker.script[container] += [Attempt(Outcome.FAILURE, text)] * times

    # -- looking
    def pod(self, name: str) -> Object:
        return self.api.get("pods", name, "default")

    def typed(self, name: str) -> Pod:
        return decode(Pod, self.pod(name))

    def exists(self, name: str) -> bool:
        return any(p["metadata"]["name"] == name for p in self.api.list("pods").items)

    def status(self, pod: str, container: str = "app") -> Object:
        """The status of one container."""
        status = self.pod(pod)["status"]
        rows = [
            *status.get("initContainerStatuses", []),
            *status.get("containerStatuses", []),
        ]
        found: Object = next(row for row in rows if row["name"] == container)
        return found

    def condition(self, pod: str, kind: str) -> str:
        rows = self.pod(pod)["status"].get("conditions", [])
        return next((str(c["status"]) for c in rows if c["type"] == kind), "")

    def seen(self, pod: str) -> ObservedPod | None:
        return next((p for p in self.runtime.pods().values() if p.name == pod), None)

    def starts(self, pod: str, container: str = "app") -> list[float]:
        """When it was started, in seconds since its first start."""
        instants = self.started_at.get((pod, container), [])
        return [round(at - instants[0], 3) for at in instants]

    def waits(self, pod: str, container: str = "app") -> list[float]:
        """How long each death of a container was followed by nothing."""
        starts = self.started_at.get((pod, container), [])[1:]
        deaths = self.died_at.get((pod, container), [])
        return [round(s - d, 3) for s, d in zip(starts, deaths, strict=False)]

    def events(self, reason: str = "") -> list[str]:
        """Messages of the events recorded so far, of one reason or of all."""
        self._recorder.flush()
        rows = self.api.list("events").items
        return [str(e["message"]) for e in rows if reason in ("", e["reason"])]
