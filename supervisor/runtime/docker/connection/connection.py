"""The connection part of the contract: identity, liveness, events, ownership, reach."""

from collections.abc import Mapping

from supervisor.model.times import to_seconds
from supervisor.runtime.base import EngineClaims, EngineInfo, EventStream, Pulse
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.connection.pulse import DockerPulse
from supervisor.runtime.docker.images.images import architecture
from supervisor.runtime.docker.pods.events import open_events
from supervisor.runtime.docker.pods.observe import Observer
from supervisor.runtime.docker.streams.reaper import Reaper
from supervisor.runtime.reach import Reach


class DockerConnection:
    """Satisfies EngineConnection. `owner` are the labels of what is ours."""

    def __init__(
        self,
        client: EngineClient,
        owner: Mapping[str, str],
        *,
        observer: Observer,
        clock: HostClock,
        reaper: Reaper,
        claims: EngineClaims,
        reach: Reach,
    ) -> None:
        self.claims = claims
        self.reach = reach
        self._client = client
        self._owner = owner
        self._observer = observer
        self._clock = clock
        self._reaper = reaper

    def info(self) -> EngineInfo:
        asked_at = self._clock.now()
        with translated():
            found = self._client.api.info()
        self._clock.note(to_seconds(found["SystemTime"]), asked_at)
        return EngineInfo(
            id=found["ID"],
            name=found["Name"],
            version=found["ServerVersion"],
            api_version=self._client.api.api_version,
            operating_system=found["OperatingSystem"],
            os=found["OSType"],
            architecture=architecture(found["Architecture"]),
            kernel=found["KernelVersion"],
            cpus=found["NCPU"],
            memory_bytes=found["MemTotal"],
            rootless="name=rootless" in (found.get("SecurityOptions") or ()),
        )

    def ping(self) -> None:
        with translated():
            self._client.api.ping()

    def pulse(self) -> Pulse:
        return DockerPulse(self._client)

    def events(self) -> EventStream:
        return open_events(self._client, self._owner, self._observer)

    def close(self) -> None:
        self._reaper.close()
        self._client.close()
