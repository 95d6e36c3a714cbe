"""Nodes that are lost: health, taints, eviction."""
