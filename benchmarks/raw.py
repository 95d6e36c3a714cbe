"""The floor: the containers of so many pods, started by plain calls side by side.

As many sandboxes and containers as ours would make, on the same engines, with the same
bodies, and nothing else: no API, no store, no status, nobody who watches. Two pods at a
time on each engine, which was the quickest of 1, 2, 4, 8 and 30 on two cores.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.rival import IMAGE, SCRIPT, Engines
from supervisor.runtime.base import CLUSTER, ContainerConfig, SandboxConfig
from supervisor.runtime.docker.runtime import DockerRuntime, Tls
from tests.lab import Endpoint, Lab

_CLUSTER = "benchmark-raw"
_AT_A_TIME = 2


def seconds(lab: Lab, engines: Engines, replicas: int) -> float:
    """How long until all run."""
    runtimes = [_runtime(endpoint) for endpoint in lab.endpoints()]
    pools = [ThreadPoolExecutor(_AT_A_TIME) for _ in runtimes]
    try:
        for runtime in runtimes:
            # The first sandbox brings its image along.
            runtime.remove_sandbox(runtime.start_sandbox(_sandbox("first")))
        begin = time.monotonic()
        started = [
            pools[number % len(pools)].submit(
                _start, runtimes[number % len(pools)], f"raw-{number}"
            )
            for number in range(replicas)
        ]
        for each in started:
            each.result()
        return time.monotonic() - begin
    finally:
        for pool in pools:
            pool.shutdown(cancel_futures=True)
        engines.remove(f"{CLUSTER}={_CLUSTER}")
        for runtime in runtimes:
            runtime.close()


def _runtime(endpoint: Endpoint) -> DockerRuntime:
    known = endpoint.identity
    assert known is not None, "the lab has TLS"
    tls = Tls(str(known.ca), str(known.certificate), str(known.key))
    return DockerRuntime(endpoint.url, cluster=_CLUSTER, node=endpoint.name, tls=tls)


def _sandbox(name: str) -> SandboxConfig:
    return SandboxConfig(name, name, "default", 0, name)


def _start(runtime: DockerRuntime, name: str) -> None:
    sandbox = runtime.start_sandbox(_sandbox(name))
    config = ContainerConfig(
        name, name, "default", "main", 0, sandbox, IMAGE, command=SCRIPT
    )
    runtime.start_container(runtime.create_container(config))
