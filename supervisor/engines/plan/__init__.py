"""Decides what to do about one engine. Pure."""

from supervisor.engines.plan.phases import plan
from supervisor.engines.plan.sight import Sight

__all__ = ["Sight", "plan"]
