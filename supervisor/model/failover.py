"""How soon a lost node counts as lost: three numbers, and what follows from them. Pure.

A host that falls silent is noticed after the grace, its pods are evicted after the
seconds that they tolerate, and their replicas start elsewhere in about a second: 6 + 2
+ 1 by default, 2.5 + 0 + 1 with configs/supervisor-fast.yaml.

Rules
- The engine of a node is asked four times in each heartbeat period; the Lease is
  renewed once in it, by an answer that has just come. So renewals are at most a period
  and a quarter apart, and never tell of a life that is over.
- Should we lose our own network, the last heartbeats of all nodes lie within that time
  of each other. So a node that is heard of half a grace after the last heartbeat of a
  lost one is a witness that we are connected. Renewals must fit twice into the grace.
"""

from dataclasses import dataclass
from math import inf

HEARTBEAT_SECONDS = 2.0
GRACE_SECONDS = 6.0
TOLERATION_SECONDS = 2
_MIN_HEARTBEAT_SECONDS = 0.2
_MIN_STARTUP_SECONDS = 10.0


@dataclass(frozen=True)
class Failover:
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    """How often a node's Lease is renewed."""
    grace_seconds: float = GRACE_SECONDS
    """How long a node may be silent before it counts as lost."""
    toleration_seconds: int = TOLERATION_SECONDS
    """How long pods that say nothing about it stay bound to a lost node."""

    @property
    def ping_seconds(self) -> float:
        """How often an engine is asked whether it lives."""
        return self.heartbeat_seconds / 4

    @property
    def witness_seconds(self) -> float:
        """How much later than a lost node a witness of it must have been heard of."""
        return self.grace_seconds / 2

    @property
    def startup_seconds(self) -> float:
        """How long after its own start the daemon holds nothing against a node."""
        return max(_MIN_STARTUP_SECONDS, 2 * self.grace_seconds)

    def complaint(self) -> str:
        """What is wrong with the numbers; empty when nothing is."""
        if not _MIN_HEARTBEAT_SECONDS <= self.heartbeat_seconds < inf:
            return (
                f"heartbeatSeconds: {self.heartbeat_seconds:g} is not possible: "
                f"at least {_MIN_HEARTBEAT_SECONDS:g} is needed"
            )
        least = 2.5 * self.heartbeat_seconds
        if not least <= self.grace_seconds < inf:
            return (
                f"graceSeconds: {self.grace_seconds:g} is not possible: a Lease "
                f"that is renewed every {self.heartbeat_seconds:g} s needs at least "
                f"{least:g}"
            )
        if self.toleration_seconds < 0:
            return (
                f"tolerationSeconds: {self.toleration_seconds} is negative: "
                "0 or more is needed"
            )
        return ""
