"""The Docker engine: that it answers, what it can, what it has of ours."""

from collections.abc import Iterator
from typing import Any

from supervisor.cli.checks.finding import Finding, Patient, fail, ok, warn
from supervisor.cli.now import now
from supervisor.model import times
from supervisor.runtime.base import (
    CLAIM,
    CLAIM_HOST,
    CLUSTER,
    CONTAINER_TYPE,
    HELPER_TYPE,
)
from supervisor.runtime.versions import MIN_DOCKER, is_new_enough

_MAX_SKEW_SECONDS = 2.0
_BOOK_IMAGES = ("luksa/kubia", "luksa/kubia-unhealthy")


def examine(patient: Patient) -> Iterator[Finding]:
    """Without an engine that answers, only that is found."""
    from docker.errors import DockerException

    try:
        version, info = patient.docker.version(), patient.docker.info()
    except DockerException as error:
        yield fail("engine", f"{patient.engine}: {_reason(error)}", _advice(error))
        return
    yield _version(patient, version)
    yield _cgroups(info)
    yield _storage(info)
    yield _clock(info)
    yield _images(patient)
    yield from _leftovers(patient)


def _version(patient: Patient, version: dict[str, Any]) -> Finding:
    text = f"Docker {version['Version']} (API {version['ApiVersion']})"
    text += f" at {patient.engine}"
    if not is_new_enough(version["ApiVersion"]):
        return fail("engine", text, f"Docker {MIN_DOCKER} or later is needed")
    return ok("engine", text)


def _cgroups(info: dict[str, Any]) -> Finding:
    text = f"v{info.get('CgroupVersion', '1')}, driver {info.get('CgroupDriver')}"
    missing = [
        name
        for name, key in (("memory", "MemoryLimit"), ("CPU", "CpuCfsQuota"))
        if not info.get(key)
    ]
    if missing:
        hint = "resources.limits of containers have no effect"
        return warn("cgroups", f"{text}, no limits of {' and '.join(missing)}", hint)
    return ok("cgroups", text)


def _storage(info: dict[str, Any]) -> Finding:
    driver = str(info.get("Driver"))
    if driver == "vfs":
        hint = "each container is a full copy of its image: use overlay2"
        return warn("storage", "driver vfs", hint)
    return ok("storage", f"driver {driver}")


def _clock(info: dict[str, Any]) -> Finding:
    skew = times.to_seconds(info["SystemTime"]) - now()
    if abs(skew) > _MAX_SKEW_SECONDS:
        text = f"the engine's clock is {skew:+.0f} s off ours"
        return warn("clock", text, "ages and --since will be wrong: synchronise clocks")
    return ok("clock", "the engine's agrees with ours")


def _images(patient: Patient) -> Finding:
    there = {
        tag.removesuffix(":latest")
        for image in patient.docker.images()
        for tag in image.get("RepoTags") or ()
    }
    missing = [name for name in _BOOK_IMAGES if name not in there]
    if missing:
        hint = "`make images` builds them; else they are pulled from a registry"
        return warn("images", f"{' and '.join(missing)} not on the engine", hint)
    return ok("images", "those of the examples are on the engine")


def _leftovers(patient: Patient) -> Iterator[Finding]:
    """What is here while no daemon answers; else the daemon knows (engines.py)."""
    if patient.api_answers:
        return
    filters = {"label": CLUSTER}
    found = {
        "container": patient.docker.containers(all=True, filters=filters),
        "volume": patient.docker.volumes(filters=filters)["Volumes"] or [],
        "network": patient.docker.networks(filters=filters),
    }
    claims = [c for c in found["container"] if CLAIM in c["Labels"]]
    found["container"] = [c for c in found["container"] if not _has_a_use(c)]
    counts = [f"{len(rows)} {sort}s" for sort, rows in found.items() if rows]
    if not counts:
        yield ok("leftovers", "none")
    else:
        rows = [row for listed in found.values() for row in listed]
        clusters = sorted({row["Labels"][CLUSTER] for row in rows})
        label = f"--filter label={CLUSTER}"
        yield warn(
            "leftovers",
            f"{', '.join(counts)} of {', '.join(clusters)}, but no daemon answers",
            "they are taken up when their daemon starts; to remove them: "
            f"docker rm -f $(docker ps -aq {label}); "
            f"docker volume rm $(docker volume ls -q {label}); "
            f"docker network rm $(docker network ls -q {label})",
        )
    for claim in claims:
        labels = claim["Labels"]
        text = f"cluster {labels[CLUSTER]} is of store {labels[CLAIM]}"
        yield ok("owner", f"{text}, host {labels.get(CLAIM_HOST) or 'unknown'}")


def _has_a_use(container: dict[str, Any]) -> bool:
    """Claims, and helpers at work: the engine removes those when they end."""
    labels = container["Labels"]
    is_helper = labels.get(CONTAINER_TYPE) == HELPER_TYPE
    return CLAIM in labels or (is_helper and container["State"] == "running")


def _reason(error: Exception) -> str:
    text = str(error)
    for known in ("Permission denied", "No such file", "Connection refused"):
        if known in text:
            return known.lower()
    return text


def _advice(error: Exception) -> str:
    if "Permission denied" in str(error):
        return "join the group docker (`usermod -aG docker $USER`), or become root"
    return "install and start Docker (`make engine`), or set $DOCKER_HOST"
