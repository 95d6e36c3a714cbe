"""Pods as containers of a Docker engine."""
