"""Write the files of a pod's volumes into its sandbox.

Rules
- They are written before each container starts, and again when a source has changed.
- One writer at a time per pod: a start and a refresh must not cross.
- What cannot be made leaves the files as they were; the containers that have not
  started wait.
"""

import threading
from collections import defaultdict

from supervisor.agent.containers.environment import Objects
from supervisor.agent.node.machine import Machine
from supervisor.agent.volumes.base import (
    Context,
    Medium,
    SourceMissing,
    set_up_failed,
)
from supervisor.agent.volumes.mounts import fs_group
from supervisor.agent.volumes.types import of_medium, type_of
from supervisor.model.pod import Pod
from supervisor.runtime.base import EngineRefused, NotFound, Volumes


class FilledVolumes:
    def __init__(self, volumes: Volumes, machine: Machine, objects: Objects) -> None:
        self._volumes = volumes
        self._machine = machine
        self._objects = objects
        self._lock = threading.Lock()
        self._writing: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def fill(self, pod: Pod, sandbox_id: str, pod_ip: str) -> list[str]:
        """Write the volumes whose files differ; return their names.

        Raises StartFailed, with the name of the volume in its text, and
        EngineUnavailable.
        """
        wanted = list(of_medium(pod, Medium.FILES))
        if not wanted:
            return []
        context = Context(self._machine.facts(pod, pod_ip), self._objects)
        changed = []
        with self._lock:
            writing = self._writing[pod.metadata.uid]
        with writing:
            for volume in wanted:
                try:
                    files = type_of(volume).files(volume, context)
                    if self._volumes.write_files(
                        sandbox_id, volume.name, files, fs_group(pod)
                    ):
                        changed.append(volume.name)
                except SourceMissing as error:
                    raise set_up_failed(
                        volume.name, str(error), awaits=error.awaits
                    ) from error
                except (EngineRefused, NotFound) as error:
                    raise set_up_failed(volume.name, str(error)) from error
        return changed

    def forget(self, pod_uid: str) -> None:
        """The pod is gone."""
        with self._lock:
            self._writing.pop(pod_uid, None)
