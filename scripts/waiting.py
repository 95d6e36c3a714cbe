"""What the demos wait for: each check says what it found, or nothing yet."""

from collections.abc import Callable
from typing import Any

from supervisor.client.rest import RestClient


def pods(client: RestClient, labels: str = "") -> list[dict[str, Any]]:
    return client.list("pods", "default", labels=labels).items


def condition(obj: dict[str, Any], type_: str) -> str:
    """`True`, `False` or `Unknown`; empty where there is no such condition."""
    found = obj.get("status", {}).get("conditions", [])
    return next((str(c["status"]) for c in found if c["type"] == type_), "")


def is_ready(pod: dict[str, Any]) -> bool:
    ready = condition(pod, "Ready") == "True"
    return ready and "deletionTimestamp" not in pod["metadata"]


def replicas(client: RestClient, count: int) -> Callable[[], str]:
    """Exactly `count` replicas are ready (those that terminate do not count)."""

    def check() -> str:
        status = client.get("replicationcontrollers", "kubia", "default")["status"]
        ready = [p for p in pods(client, "app=kubia") if is_ready(p)]
        exact = status["replicas"] == count == len(ready)
        return f"{count} pods ready" if exact else ""

    return check


def replaced(client: RestClient, victim: str, before: set[str]) -> Callable[[], str]:
    def check() -> str:
        ready = {
            p["metadata"]["name"] for p in pods(client, "app=kubia") if is_ready(p)
        }
        return next((f"{victim} → {new}" for new in ready - before), "")

    return check
