"""The namespaces that are always there, by their use.

Follows pkg/controlplane/controller/systemnamespaces.
"""

DEFAULT = "default"
SYSTEM = "kube-system"
"""Secrets of Engines are here. Its uid identifies the cluster."""
NODE_LEASE = "kube-node-lease"
"""Each node's Lease, its heartbeat, is here."""
PUBLIC = "kube-public"

ALWAYS_THERE = (DEFAULT, SYSTEM, NODE_LEASE, PUBLIC)
IMMORTAL = (DEFAULT, SYSTEM, PUBLIC)
"""Those that cannot be deleted."""
