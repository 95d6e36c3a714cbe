"""A Docker engine as `supervisor.runtime.base.Runtime`: builds the parts."""

from collections.abc import Callable

from supervisor.model.endpoint import parse
from supervisor.model.engine import DEFAULT_NETWORK
from supervisor.runtime.base import CLUSTER, NODE
from supervisor.runtime.composed import ComposedRuntime, Parts
from supervisor.runtime.docker.claims import DockerClaims
from supervisor.runtime.docker.connection.client import EngineClient, Tls
from supervisor.runtime.docker.connection.connection import DockerConnection
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.connection.reach import choose
from supervisor.runtime.docker.images.images import DockerImages
from supervisor.runtime.docker.images.pause import PauseImage
from supervisor.runtime.docker.inventory import DockerInventory
from supervisor.runtime.docker.meter import DockerMeter
from supervisor.runtime.docker.pods.observe import Observer
from supervisor.runtime.docker.pods.pods import DockerPods
from supervisor.runtime.docker.streams.reaper import Reaper
from supervisor.runtime.docker.streams.streams import DockerStreams
from supervisor.runtime.docker.volumes.file_volumes import FileVolumes
from supervisor.runtime.docker.volumes.files import Files
from supervisor.runtime.docker.volumes.volumes import DockerVolumes
from supervisor.runtime.reach import Reach
from supervisor.runtime.ssh.command import SshHost
from supervisor.runtime.ssh.tunnel import SshTunnel

__all__ = ["DockerRuntime", "Tls"]


class DockerRuntime(ComposedRuntime):
    """An engine at `endpoint`: `unix:///PATH`, `tcp://HOST:PORT` or
    `ssh://[USER@]HOST[:PORT][/PATH]`.

    `timeout` is in seconds. `network` is the Docker network of pods without the host's.
    `reach` is how ports of pods are reached (model.engine.REACH_MODES), and
    `publish_address` is what published ports are bound to. `ssh_config` replaces the
    user's. `now` is our clock, by which timestamps of the engine are corrected if its
    host's clock is wrong; the offset is measured with every `info`. Nothing is sent
    before the first call. Raises ValueError.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        cluster: str,
        node: str,
        timeout: float = 10,
        tls: Tls | None = None,
        network: str = DEFAULT_NETWORK,
        reach: str = "Auto",
        publish_address: str = "",
        ssh_config: str = "",
        now: Callable[[], float] | None = None,
    ) -> None:
        try:
            where = parse(endpoint)
        except ValueError as error:
            text = f"{endpoint!r} is no address of a Docker engine: {error}"
            raise ValueError(text) from error
        is_ssh = where.scheme == "ssh"
        tunnel = SshTunnel(SshHost(where, ssh_config)) if is_ssh else None
        chosen = choose(reach, where, publish_address, tunnel)
        client = EngineClient(where, timeout, tls, tunnel)
        owner = {CLUSTER: cluster, NODE: node}
        super().__init__(_parts(client, owner, network, chosen, HostClock(now)))


def _parts(
    client: EngineClient,
    owner: dict[str, str],
    network: str,
    reach: Reach,
    clock: HostClock,
) -> Parts:
    observer = Observer(client, owner, clock)
    pause = PauseImage(client)
    reaper = Reaper(client, pause, owner)
    files = Files(client)
    file_volumes = FileVolumes(client, reaper, clock)
    return Parts(
        connection=DockerConnection(
            client,
            owner,
            observer=observer,
            clock=clock,
            reaper=reaper,
            claims=DockerClaims(client, pause, owner[CLUSTER], clock),
            reach=reach,
        ),
        pods=DockerPods(
            client,
            owner,
            network=network,
            reach=reach,
            observer=observer,
            pause=pause,
            files=files,
        ),
        volumes=DockerVolumes(client, observer, files, file_volumes),
        images=DockerImages(client),
        streams=DockerStreams(client, reaper, clock, reach),
        inventory=DockerInventory(client, owner, clock),
        meter=DockerMeter(client, pause, reaper, owner[CLUSTER]),
    )
