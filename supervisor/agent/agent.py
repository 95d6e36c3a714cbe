"""The kubelet of one engine: all its parts, put together, started and stopped.

Rules
- Stopping the agent leaves every container as it is; starting it adopts them.
- It knows the API only as a `Client`, and the engine only as a `Runtime`.

Follows pkg/kubelet/kubelet.go (NewMainKubelet).
"""

import threading
from collections.abc import Callable

from supervisor.agent.images.images import Images
from supervisor.agent.images.pulls import InBackground
from supervisor.agent.images.registries import Registries
from supervisor.agent.node.engine_events import EngineWatcher
from supervisor.agent.node.engine_health import EngineHealth
from supervisor.agent.node.heartbeat import LANES, Heart
from supervisor.agent.node.lease import NodeLease
from supervisor.agent.node.machine import Machine
from supervisor.agent.node.registration import NodeReporter
from supervisor.agent.node.status import NodeFacts
from supervisor.agent.pods.admission.admission import Admission
from supervisor.agent.pods.bound_pods import BoundPods
from supervisor.agent.pods.custody import Custody
from supervisor.agent.pods.events import AgentEvents, Recorder
from supervisor.agent.pods.execute.awaited import Awaited
from supervisor.agent.pods.execute.hooks import Hooks, Pause, pause
from supervisor.agent.pods.execute.kills import Kills
from supervisor.agent.pods.execute.performing import Performer
from supervisor.agent.pods.execute.start_limiter import StartLimiter
from supervisor.agent.pods.execute.starts import Starts
from supervisor.agent.pods.holds import Holds
from supervisor.agent.pods.reports import Reporter
from supervisor.agent.pods.sweeping import Sweeper
from supervisor.agent.pods.worker import PodWorkers
from supervisor.agent.site import Site
from supervisor.agent.streams.connection import AgentConnection
from supervisor.agent.volumes.filling import FilledVolumes
from supervisor.agent.volumes.objects import ApiObjects
from supervisor.agent.volumes.refreshing import Refresher
from supervisor.agent.volumes.removing import VolumeRemover
from supervisor.client.base import Client
from supervisor.client.store_view import StoreView, UnmarkedStore
from supervisor.machinery.clock import Clock
from supervisor.machinery.ticker import Ticker
from supervisor.model.failover import Failover
from supervisor.probing.base import Prober
from supervisor.runtime.base import Runtime

_REPORT_THREADS = 2


class Agent:
    """Wake a pod with `wake(pod_uid)` whenever the result of one of its probes changes.

    `connection` serves logs, exec, attach and port-forward.
    """

    def __init__(
        self,
        node: NodeFacts,
        runtime: Runtime,
        client: Client,
        clock: Clock,
        prober: Prober,
        recorder: Recorder,
        *,
        pull_in_background: InBackground | None = None,
        pause: Pause = pause,
        failover: Failover = Failover(),
        ticker: Ticker | None = None,
        store: StoreView = UnmarkedStore(),
    ) -> None:
        self.bound_pods = self._follow(client, node)
        self.site = site = Site(
            node=node,
            runtime=runtime,
            machine=Machine(runtime, node.address),
            client=client,
            clock=clock,
            prober=prober,
            bound_pods=self.bound_pods,
            admission=Admission(node, runtime, client, self.bound_pods),
            holds=Holds(clock, lambda uid: self.workers.wake(uid)),
            awaited=Awaited(client, lambda *who: self.site.holds.release(*who)),
            start_limiter=StartLimiter(lambda uid: self.workers.wake(uid)),
            events=AgentEvents(recorder),
            health=self._health(node, clock, failover),
            registries=Registries(clock, lambda: self.node.wake()),
            store=store,
            custody=Custody(runtime, store, lambda text: self.node.held(text)),
        )
        self.workers = self._workers(site, pull_in_background or _in_thread, pause)
        self.node = NodeReporter(site)
        self.engine = EngineWatcher(site, self.workers)
        self.heart = self._heart(failover, ticker)
        self.sweeper = Sweeper(site)
        self.connection = self._connection()

    def _workers(
        self, site: Site, pull_in_background: InBackground, pause: Pause
    ) -> PodWorkers:
        hooks = Hooks(site.runtime, pause)
        self.reporter = Reporter(site)
        self.images = Images(site, site.holds.release, pull_in_background)
        objects = ApiObjects(site.client)
        filled = FilledVolumes(site.runtime, site.machine, objects)
        self.refresher = Refresher(
            site.client,
            site.runtime,
            site.bound_pods,
            filled,
            site.events,
            site.clock,
            site.pod_ip,
        )
        self.remover = VolumeRemover(
            site.client, site.runtime, site.node.name, site.clock
        )
        starts = Starts(site, self.images, objects, hooks, filled)
        kills = Kills(site, hooks)
        performer = Performer(site, starts, kills, self.images, self.reporter)
        return PodWorkers(site, performer, self.reporter)

    def _health(
        self, node: NodeFacts, clock: Clock, failover: Failover
    ) -> EngineHealth:
        return EngineHealth(
            node.name,
            clock,
            lambda: self._engine_changed(),
            patience_seconds=failover.grace_seconds,
        )

    def _follow(self, client: Client, node: NodeFacts) -> BoundPods:
        # The parts that are woken are built later, out of this one.
        return BoundPods(
            client,
            node.name,
            wanted=lambda uid: self._pod_changed(uid),
            reported=lambda uid: self.reporter.wake(uid),
            complete=lambda: self.engine.look_around(),
        )

    def _pod_changed(self, uid: str) -> None:
        self.workers.changed(uid)
        self.refresher.changed(uid)

    def _connection(self) -> AgentConnection:
        leftovers = self.sweeper.leftovers
        return AgentConnection(self.site, self.node.wake, self.wake, leftovers)

    def _heart(self, failover: Failover, ticker: Ticker | None) -> Heart:
        site = self.site
        lease = NodeLease(site.node.name, site.client, site.clock, failover)
        return Heart(
            site.node.name,
            [site.runtime.pulse() for _ in range(LANES)],
            site.health,
            site.clock,
            failover,
            lambda: self._renew(lease),
            self.node.look_closely,
            ticker,
        )

    def _engine_changed(self) -> None:
        self.node.wake()
        self.engine.changed()

    def _renew(self, lease: NodeLease) -> None:
        if not lease.renew():
            # Somebody has deleted the Node object: it is made again.
            self.node.wake()

    def wake(self, pod_uid: str) -> None:
        """Look at a pod again. Any thread; never blocks."""
        self.workers.notice(pod_uid)

    def start(self) -> None:
        self.node.wake()
        self.node.controller.start()
        self.heart.start()
        self.reporter.controller.start(_REPORT_THREADS)
        self.workers.pool.start()
        self.engine.start()
        self.site.awaited.start()
        self.refresher.start()
        self.remover.start()
        self.sweeper.start()
        self.bound_pods.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End all work on pods, within about `timeout` seconds; containers go on."""
        until = self.site.clock.now() + timeout
        self.images.stop()
        self.bound_pods.stop()
        self.site.awaited.stop()
        self.sweeper.controller.stop(timeout)
        self.heart.stop()
        ends = (
            self.refresher.stop,
            self.remover.stop,
            self.engine.stop,
            self.workers.pool.stop,
            self.reporter.controller.stop,
            self.node.controller.stop,
        )
        # All are told before any is waited for.
        for end in ends:
            end(0)
        for end in ends:
            end(max(until - self.site.clock.now(), 0))


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="pull", daemon=True).start()
