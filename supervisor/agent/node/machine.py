"""What the engine tells of itself and its machine, and pods may learn of that.

Rules
- What was told stands until the engine tells anew: a question without an answer changes
  nothing. While dockerd looks up the host of a registry and no name server answers, it
  keeps /info waiting too (20.10: 10 to 30 s for each registry), and nothing else.
- So no start of a pod waits for this question once it has been answered.
"""

import threading

from supervisor.agent.containers.downward import Facts
from supervisor.model.pod import Pod
from supervisor.runtime.base import EngineInfo, EngineUnavailable, Runtime


class Machine:
    def __init__(self, runtime: Runtime, host_ip: str) -> None:
        self._runtime = runtime
        self._host_ip = host_ip
        self._lock = threading.Lock()
        self._told: EngineInfo | None = None

    def ask(self) -> EngineInfo:
        """What the engine tells now, or has told if it does not answer.

        Raises RuntimeFailure when it has told nothing yet, or refuses.
        """
        try:
            told = self._runtime.info()
        except EngineUnavailable:
            with self._lock:
                if self._told is None:
                    raise
                return self._told
        with self._lock:
            self._told = told
        return told

    def facts(self, pod: Pod, pod_ip: str) -> Facts:
        """Raises RuntimeFailure."""
        with self._lock:
            told = self._told
        info = told or self.ask()
        return Facts(pod, pod_ip, self._host_ip, info.cpus * 1000, info.memory_bytes)
