"""Tunnels to engines over ssh."""
