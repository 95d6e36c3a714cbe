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
    ClaimTaken,
)
from supervisor.runtime.claims import Claim
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.images import Images
from supervisor.runtime.host_clock import HostClock

Json = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def claim_name(cluster: str) -> str:
    """Of the container: fixed by the cluster, whatever characters that has."""
    is_plain = _NAME.fullmatch(cluster)
    known = cluster if is_plain else hashlib.sha256(cluster.encode()).hexdigest()[:32]
    return f"supervisor_claim_{known}"


class DockerClaims:
    def __init__(
        self, engine: Engine, images: Images, cluster: str, clock: HostClock
    ) -> None:
        self._engine = engine
        self._images = images
        self._cluster = cluster
        self._clock = clock
        self._name = claim_name(cluster)

    def read(self) -> Claim | None:
        with translated():
            try:
                found = self._engine.api.inspect_container(self._name)
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
        )

    def make(self, claim: Claim, *, in_place_of: str = "") -> None:
        with translated():
            if in_place_of:
                self._replace(in_place_of, claim)
            else:
                self._create(self._name, claim)
            self._clear_up()

    def _replace(self, old_id: str, claim: Claim) -> None:
        """First the new one, so that an engine that refuses it keeps the old one."""
        following = f"{self._name}_{claim.store}"
        self.remove(following)
        made = self._create(following, claim)
        self.remove(old_id)
        try:
            self._engine.slow.rename(made, self._name)
        except docker.errors.APIError as error:
            self.remove(made)
            if error.status_code in (404, 409):
                raise ClaimTaken(str(error.explanation or error)) from error
            raise

    def _clear_up(self) -> None:
        """Remove what attempts have left that broke off.

        One that is just being made goes, too; whoever makes it looks again.
        """
        wanted = {"label": [f"{CLUSTER}={self._cluster}", CLAIM]}
        for entry in self._engine.api.containers(all=True, filters=wanted):
            if f"/{self._name}" not in (entry["Names"] or ()):
                self.remove(entry["Id"])

    def _create(self, name: str, claim: Claim) -> str:
        create = self._engine.slow.create_container_from_config
        body = self._body(claim)
        try:
            try:
                return str(create(body, name)["Id"])
            except docker.errors.ImageNotFound:
                self._images.bring_pause()
                return str(create(body, name)["Id"])
        except docker.errors.APIError as error:
            if error.status_code == 409:
                raise ClaimTaken(str(error.explanation or error)) from error
            raise

    def _body(self, claim: Claim) -> Mapping[str, Any]:
        return {
            "Image": self._images.pause_name(),
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
                # It has no history that a restart by the engine could lose.
                "RestartPolicy": {"Name": "always"},
            },
        }

    def run(self, claim_id: str) -> None:
        with translated():
            self._engine.slow.start(claim_id)

    def remove(self, claim_id: str) -> None:
        with translated():
            try:
                self._engine.slow.remove_container(claim_id, v=True, force=True)
            except docker.errors.APIError as error:
                # 409: somebody is removing it just now.
                if error.status_code not in (404, 409):
                    raise
