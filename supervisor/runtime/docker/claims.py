"""Claims as containers of a Docker engine."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import docker.errors

from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    CLAIM,
    CLAIM_HOST,
    CLAIM_NODE,
    CLAIM_TAKEN_FROM,
    CLUSTER,
    Claim,
    ClaimTaken,
)
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.images.pause import PauseImage

Json = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def claim_name(cluster: str) -> str:
    """The container's name, a hash where the cluster's is no valid container name."""
    is_plain = _NAME.fullmatch(cluster)
    known = cluster if is_plain else hashlib.sha256(cluster.encode()).hexdigest()[:32]
    return f"supervisor_claim_{known}"


class DockerClaims:
    """Satisfies EngineClaims."""

    def __init__(
        self, client: EngineClient, pause: PauseImage, cluster: str, clock: HostClock
    ) -> None:
        self._client = client
        self._pause = pause
        self._cluster = cluster
        self._clock = clock
        self._name = claim_name(cluster)

    def read(self) -> Claim | None:
        with translated():
            try:
                found = self._client.api.inspect_container(self._name)
            except docker.errors.NotFound:
                return None
            return self._claim(found)

    def _claim(self, found: Json) -> Claim:
        labels = found["Config"]["Labels"] or {}
        is_claim = labels.get(CLUSTER) == self._cluster
        return Claim(
            store=labels.get(CLAIM, "") if is_claim else "",
            node=labels.get(CLAIM_NODE, ""),
            host=labels.get(CLAIM_HOST, ""),
            taken_from=labels.get(CLAIM_TAKEN_FROM, ""),
            id=found["Id"],
            created_at=self._clock.ours(to_seconds(found["Created"])),
            is_running=bool(found["State"]["Running"]),
            is_outdated=is_claim and found["Config"]["Image"] != self._pause.name(),
        )

    def make(self, claim: Claim, *, in_place_of: str = "") -> None:
        with translated():
            if in_place_of:
                self._replace(in_place_of, claim)
            else:
                self._create(self._name, claim)
            self._clear_up()

    def _replace(self, old_id: str, claim: Claim) -> None:
        """Create the new one first: if the engine refuses it, the old one is kept."""
        temporary = f"{self._name}_{claim.store}"
        self.remove(temporary)
        made = self._create(temporary, claim)
        self.remove(old_id)
        try:
            self._client.slow.rename(made, self._name)
        except docker.errors.APIError as error:
            self.remove(made)
            if error.status_code in (404, 409):
                raise ClaimTaken(str(error.explanation or error)) from error
            raise

    def _clear_up(self) -> None:
        """Remove what interrupted attempts have left behind.

        This may remove a claim that somebody is making right now; they try again.
        """
        wanted = {"label": [f"{CLUSTER}={self._cluster}", CLAIM]}
        for entry in self._client.api.containers(all=True, filters=wanted):
            if f"/{self._name}" not in (entry["Names"] or ()):
                self.remove(entry["Id"])

    def _create(self, name: str, claim: Claim) -> str:
        create = self._client.slow.create_container_from_config
        body = self._body(claim)
        try:
            return self._pause.with_image(lambda: str(create(body, name)["Id"]))
        except docker.errors.APIError as error:
            if error.status_code == 409:
                raise ClaimTaken(str(error.explanation or error)) from error
            raise

    def _body(self, claim: Claim) -> Mapping[str, Any]:
        return {
            "Image": self._pause.name(),
            "Labels": {
                CLUSTER: self._cluster,
                CLAIM: claim.store,
                CLAIM_NODE: claim.node,
                CLAIM_HOST: claim.host,
                CLAIM_TAKEN_FROM: claim.taken_from,
            },
            "HostConfig": {
                "NetworkMode": "none",
                "LogConfig": {"Type": "none", "Config": {}},
                "ReadonlyRootfs": True,
                "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
                # Unlike pods, it has no history that a restart by the engine loses.
                "RestartPolicy": {"Name": "always"},
            },
        }

    def run(self, claim_id: str) -> None:
        with translated():
            self._client.slow.start(claim_id)

    def remove(self, claim_id: str) -> None:
        with translated():
            self._client.remove_container(claim_id)
