"""Choose how the pods of a Docker engine are reached."""

from supervisor.model.endpoint import Endpoint
from supervisor.model.engine import REACH_MODES
from supervisor.runtime.reach import Direct, Published, Reach
from supervisor.runtime.ssh.reach import Tunnelled
from supervisor.runtime.ssh.tunnel import SshTunnel

_THIS_MACHINE = "127.0.0.1"
_AUTO = {"unix": "Direct", "tcp": "Published", "ssh": "Tunnel"}


def choose(
    wanted: str, endpoint: Endpoint, publish_address: str, tunnel: SshTunnel | None
) -> Reach:
    """`wanted` is one of `REACH_MODES`. Raises ValueError if it is not possible."""
    if wanted not in REACH_MODES:
        allowed = ", ".join(REACH_MODES)
        raise ValueError(f"reach {wanted!r} is none of: {allowed}")
    way = _AUTO[endpoint.scheme] if wanted == "Auto" else wanted
    if way == "Published":
        return Published(endpoint.host or _THIS_MACHINE, publish_address)
    if way == "Direct":
        return Direct(is_remote=endpoint.scheme != "unix")
    if tunnel is None:
        raise ValueError(f"reach Tunnel needs an ssh endpoint, not {endpoint.scheme}")
    return Tunnelled(tunnel)
