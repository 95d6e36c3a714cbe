"""Deployments: the rule, its plan, and the status."""
