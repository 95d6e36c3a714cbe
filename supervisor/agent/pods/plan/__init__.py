"""WHAT TO DO NEXT for one pod: values in, values out. No effects, no clock."""

from supervisor.agent.pods.plan.actions import Action, Plan, Waiting, explain
from supervisor.agent.pods.plan.pod import plan
from supervisor.agent.pods.plan.situation import Hold, Situation

__all__ = ["Action", "Hold", "Plan", "Situation", "Waiting", "explain", "plan"]
