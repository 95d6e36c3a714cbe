"""HOW A POD STANDS: its status, made from what is seen. No effects, no clock."""

from supervisor.agent.pods.status.pod import pod_status

__all__ = ["pod_status"]
