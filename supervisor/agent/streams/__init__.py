"""Logs, exec, attach and port-forward for the API."""
