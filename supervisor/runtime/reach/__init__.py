"""How this process reaches the ports of pods on an engine."""

from supervisor.runtime.reach.base import (
    Connected,
    Direct,
    NoWay,
    PodAddress,
    Proto,
    PublishedPort,
    Reach,
    Way,
    way_to,
)
from supervisor.runtime.reach.published import Published
from supervisor.runtime.reach.tcp import TcpStream

__all__ = [
    "Connected",
    "Direct",
    "NoWay",
    "PodAddress",
    "Proto",
    "Published",
    "PublishedPort",
    "Reach",
    "TcpStream",
    "Way",
    "way_to",
]
