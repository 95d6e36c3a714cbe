"""What pods may learn about the machine that they run on."""

import threading

from supervisor.agent.downward import Facts
from supervisor.model.pod import Pod
from supervisor.runtime.base import EngineInfo, Runtime


class Machine:
    """Asks the engine once, when it is needed first."""

    def __init__(self, runtime: Runtime, host_ip: str) -> None:
        self._runtime = runtime
        self._host_ip = host_ip
        self._lock = threading.Lock()
        self._info: EngineInfo | None = None

    def facts(self, pod: Pod, pod_ip: str) -> Facts:
        with self._lock:
            info = self._info = self._info or self._runtime.info()
        return Facts(pod, pod_ip, self._host_ip, info.cpus * 1000, info.memory_bytes)
