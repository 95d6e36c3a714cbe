"""Volumes, mounts and files of pods on a Docker engine."""
