"""WIRING: configuration, the daemon, the manifest folder."""
