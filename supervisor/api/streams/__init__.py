"""Logs, exec, attach and port-forward: bytes between kubectl and a pod's node."""

from supervisor.api.streams.endpoints import routes

__all__ = ["routes"]
