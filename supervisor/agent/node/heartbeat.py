"""Ask the engine all the time whether it lives; renew the node's Lease while it does.

Whoever kills, freezes or cuts off the engine's host thereby stops the heartbeat. A host
that is slow, or loses packets, must not be taken for lost:

- Four lanes, each with a connection of its own, are asked in turn. With 30 % of all
  packets lost a question and its answer get through at the first try half of the time;
  else TCP sends again after 0.2, 0.6, 1.4, 3 s, and one connection may well be silent
  for seconds. The others are not, and an answer on any of them counts.
- Connections stay open. A new one costs TCP and TLS handshakes, ten packets and more,
  and a lost SYN waits a whole second: under loss that is the slowest way to ask.
- A lane waits for its answer as long as the grace. A slow host answers late, but lane
  after lane and so all the time; a late answer is as good as a quick one.

Rules
- The Lease is renewed by an answer that has just come, never on credit.
- A lane has a thread only while it asks: in peace one thread does it all. Threads and
  connections are this node's own, so a slow engine delays nobody else's heartbeat.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from supervisor.agent.node.engine_health import EngineHealth
from supervisor.agent.pool import Pool
from supervisor.machinery.clock import Clock
from supervisor.machinery.ticker import Ticker
from supervisor.model.errors import ApiError
from supervisor.model.failover import Failover
from supervisor.runtime.base import Pulse, RuntimeFailure

LANES = 4
_log = logging.getLogger(__name__)


class Heart:
    """`renew()` renews the Lease; it may raise ApiError, and is then called again.

    `resumed()` is called after a renewal that came late: others may have drawn their
    conclusions meanwhile, though we have not lost the engine. `ticker` beats every
    `failover.ping_seconds`, for several hearts if need be.
    """

    def __init__(
        self,
        node_name: str,
        pulses: Sequence[Pulse],
        health: EngineHealth,
        clock: Clock,
        failover: Failover,
        renew: Callable[[], None],
        resumed: Callable[[], None],
        ticker: Ticker | None = None,
    ) -> None:
        self._timer = ("heart", node_name)
        self._ticker = ticker or Ticker(clock, failover.ping_seconds)
        self._pulses = pulses
        self._health = health
        self._clock = clock
        self._failover = failover
        self._renew = renew
        self._resumed = resumed
        self._lock = threading.Lock()
        #: Lanes that wait for an answer.
        self._busy: set[int] = set()
        #: The lane that is asked next, if it is idle.
        self._next = 0
        #: Since when an answer is to renew the Lease.
        self._renew_at = 0.0
        self._renewing = False
        #: Why the Lease is not renewed, as it was told last.
        self._trouble = ""
        self.pool = Pool("heart", self._ask, clock, most=len(pulses))

    def start(self) -> None:
        self.pool.start()
        self._ticker.add(self._timer, self.beat)

    def stop(self) -> None:
        """Ask no more. Who waits for an answer is told to give up, and not waited for:
        opening a connection cannot be ended from outside.
        """
        self._ticker.remove(self._timer)
        for pulse in self._pulses:
            pulse.close()
        self.pool.stop(0)

    def beat(self) -> None:
        """Have the next idle lane ask; when none is idle, all are asking already."""
        with self._lock:
            lanes = range(self._next, self._next + len(self._pulses))
            turns = [lane % len(self._pulses) for lane in lanes]
            idle = [lane for lane in turns if lane not in self._busy]
            if not idle:
                return
            lane = idle[0]
            self._busy.add(lane)
            self._next = (lane + 1) % len(self._pulses)
        self.pool.controller.wake(str(lane))

    def _ask(self, key: str) -> float | None:
        lane = int(key)
        try:
            self._pulses[lane].ask(self._failover.grace_seconds)
        except RuntimeFailure as error:
            self._health.lost(error)
        else:
            self._health.found()
            self._renew_if_due()
        finally:
            with self._lock:
                self._busy.discard(lane)
        return None

    def _renew_if_due(self) -> None:
        now = self._clock.now()
        with self._lock:
            if self._renewing or now < self._renew_at:
                return
            self._renewing = True
        try:
            self._renew()
        except ApiError as error:
            # It is tried twice a second: a trouble is told of once.
            if self._trouble != (text := str(error)):
                self._trouble = text
                _log.info("the Lease could not be renewed: %s", text)
        else:
            self._trouble = ""
            # Half a question early: the fourth answer from here on may be quicker
            # than this one was.
            period = self._failover.heartbeat_seconds
            late = now - self._renew_at > period / 2
            with self._lock:
                self._renew_at = now + period - self._failover.ping_seconds / 2
            if late:
                self._resumed()
        finally:
            with self._lock:
                self._renewing = False
