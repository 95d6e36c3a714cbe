"""Typed values are first used by many threads at once, when the daemon starts."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, threading

sys.setswitchinterval(1e-6)
from supervisor.model.engine import Engine
from supervisor.model.kinds import Node
from supervisor.model.meta import ObjectMeta, decode
from supervisor.model.pod import Pod

META = {"name": "a", "ownerReferences": [
    {"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}]}
POD = {"metadata": META, "spec": {"containers": [
    {"name": "c", "image": "i", "livenessProbe": {"httpGet": {"port": 80}}}]}}
NODE = {"metadata": META, "status": {"conditions": [{"type": "A", "status": "True"}]}}
together = threading.Barrier(8)

def work(number):
    together.wait()
    for kind, obj in ((Pod, POD), (Node, NODE), (ObjectMeta, META))[number % 3:]:
        decode(kind, obj)

threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_many_threads_may_be_the_first_to_decode() -> None:
    """msgspec dies of a segmentation fault where they build its types together."""
    for _ in range(6):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr}"
