"""Performs the actions of a pod's plan."""
