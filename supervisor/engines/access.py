"""The address of an engine, and the files that are needed to reach it. Pure.

Two accesses are equal only if the contents of their files are equal, too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TlsFiles:
    """Paths of the PEM files for mutual TLS with an engine."""

    ca: str
    certificate: str
    key: str


@dataclass(frozen=True)
class Access:
    engine_uid: str
    """Of the Engine object."""
    endpoint: str
    network: str
    reach: str
    publish_address: str
    tls: TlsFiles | None = None
    ssh_config: str = ""
    """Path of a configuration file for ssh; empty for the user's own."""
    contents: str = ""
    """A digest of the contents of these files."""
    deprecated: str = ""
    """A warning for the user; empty if there is none."""
