"""What a container was made from, as labels: the store, its revision, the pod.

Rules
- A sandbox carries its pod's manifest, so that the pod can be created again when the
  store has lost it. It is the object as the API has it, without its status; Secrets are
  only referred to in a pod.
- Labels have no limit of their own: Docker 20.10 takes four megabytes, and a pod has
  1.5 at most. Still it is compressed, since every list of containers carries it.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping

import msgspec

from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.client.store_view import CurrentSession
from supervisor.model.lineage import UNMARKED, Origin
from supervisor.model.meta import Object
from supervisor.runtime.base.origin_labels import MANIFEST, REVISION, SESSION, STORE

_TRANSIENT = ("resourceVersion", "managedFields")
_MAX_BYTES = 16 * 2**20


def labels(record: PodRecord, present: CurrentSession) -> dict[str, str]:
    """Of every container of the pod."""
    if present.session == UNMARKED:
        return {}
    return {
        STORE: present.identity,
        SESSION: present.session,
        REVISION: record.pod.metadata.resource_version,
    }


def sandbox_labels(record: PodRecord, present: CurrentSession) -> dict[str, str]:
    return labels(record, present) | {MANIFEST: packed(record.obj)}


def read(carried: Mapping[str, str]) -> Origin:
    """What the labels of a container say; those of before say nothing."""
    revision = carried.get(REVISION, "")
    return Origin(
        carried.get(STORE, ""),
        carried.get(SESSION, UNMARKED),
        int(revision) if revision.isdecimal() else 0,
    )


def packed(pod: Object) -> str:
    """The manifest of a pod as the text of a label."""
    meta = {k: v for k, v in pod["metadata"].items() if k not in _TRANSIENT}
    manifest = {k: v for k, v in pod.items() if k != "status"} | {"metadata": meta}
    return base64.b64encode(zlib.compress(msgspec.json.encode(manifest))).decode()


def unpacked(text: str) -> Object | None:
    """The pod in a label; None for what is no such label."""
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(text, validate=True), _MAX_BYTES)
        return msgspec.json.decode(data, type=dict)
    except (binascii.Error, ValueError, zlib.error):
        return None
