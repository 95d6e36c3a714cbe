"""Logs, exec, attach and port-forward: streams between clients and a pod's node."""

from supervisor.api.streams.endpoints import routes

__all__ = ["routes"]
