"""Keeps containers alive on plain Docker hosts, as Kubernetes does on its nodes."""

__version__ = "0.1.0"
