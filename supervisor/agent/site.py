"""Where an agent works: its node, its engine, the API, and what its parts share."""

from dataclasses import dataclass

from supervisor.agent.images.registries import Registries
from supervisor.agent.node.engine_health import EngineHealth
from supervisor.agent.node.machine import Machine
from supervisor.agent.node.status import NodeFacts
from supervisor.agent.pods.admission.admission import Admission
from supervisor.agent.pods.bound_pods import BoundPods, PodRecord
from supervisor.agent.pods.custody import Custody
from supervisor.agent.pods.events import AgentEvents
from supervisor.agent.pods.execute.awaited import Awaited
from supervisor.agent.pods.execute.start_limiter import StartLimiter
from supervisor.agent.pods.holds import Holds
from supervisor.agent.pods.plan import Situation
from supervisor.agent.pods.plan.pod import is_ending
from supervisor.client.base import Client
from supervisor.client.store_view import StoreView
from supervisor.machinery.clock import Clock
from supervisor.probing.base import Prober
from supervisor.runtime.base import ObservedPod, Runtime
from supervisor.runtime.reach import PodAddress


@dataclass(frozen=True)
class Site:
    node: NodeFacts
    runtime: Runtime
    machine: Machine
    client: Client
    clock: Clock
    prober: Prober
    bound_pods: BoundPods
    admission: Admission
    holds: Holds
    awaited: Awaited
    start_limiter: StartLimiter
    events: AgentEvents
    health: EngineHealth
    registries: Registries
    store: StoreView
    custody: Custody

    def situation(self, record: PodRecord, seen: ObservedPod | None) -> Situation:
        """All that a plan or a status of this pod is made from, as of now.

        Raises ApiError when the pod is new and its node cannot be read.
        """
        meta = record.pod.metadata
        return Situation(
            record.pod,
            seen or ObservedPod(meta.uid, meta.name, meta.namespace),
            self.prober.verdicts(record.uid),
            self.clock.now(),
            self.holds.of(record.uid),
            self.admission.of(record, seen),
        )

    def silence_probes(self, it: Situation) -> None:
        """Of a pod that ends, liveness and startup are asked no more: not even of
        sidecars, which are stopped last.
        """
        if is_ending(it):
            uid = it.pod.metadata.uid
            self.prober.stopping(uid, [c.id for c in it.seen.containers])

    def pod_ip(self, record: PodRecord, seen: ObservedPod | None) -> str:
        """The pod's address; empty while it has no network."""
        if seen is None or not record.pod.spec.host_network:
            return seen.ip if seen else ""
        return self.node.address if seen.sandboxes else ""

    def address(self, record: PodRecord, seen: ObservedPod | None) -> PodAddress:
        """Where the pod's ports are, for those who want to reach them."""
        return PodAddress(
            self.pod_ip(record, seen),
            record.pod.spec.host_network,
            seen.published if seen else (),
        )
