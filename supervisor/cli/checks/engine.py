"""Checks of the Docker engine: connection, features, images, leftovers."""

from collections.abc import Iterator
from typing import Any

from supervisor.cli.checks.finding import CheckContext, Finding, fail, ok, warn
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


def run(context: CheckContext) -> Iterator[Finding]:
    """Yields a single finding if the engine does not answer."""
    from docker.errors import DockerException

    try:
        version, info = context.docker.version(), context.docker.info()
    except DockerException as error:
        yield fail("engine", f"{context.engine}: {_reason(error)}", _advice(error))
        return
    yield _version(context, version)
    yield _cgroups(info)
    yield _storage(info)
    yield _clock(info)
    yield _images(context)
    yield from _leftovers(context)


def _version(context: CheckContext, version: dict[str, Any]) -> Finding:
    text = f"Docker {version['Version']} (API {version['ApiVersion']})"
    text += f" at {context.engine}"
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
        return warn("cgroups", f"{text}, no {' and '.join(missing)} limits", hint)
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
        return warn(
            "clock", text, "ages and --since will be wrong: synchronize the clocks"
        )
    return ok("clock", "the engine's clock is correct")


def _images(context: CheckContext) -> Finding:
    there = {
        tag.removesuffix(":latest")
        for image in context.docker.images()
        for tag in image.get("RepoTags") or ()
    }
    missing = [name for name in _BOOK_IMAGES if name not in there]
    if missing:
        hint = "`make images` builds them; otherwise they are pulled from a registry"
        return warn("images", f"{' and '.join(missing)} not on the engine", hint)
    return ok("images", "the images of the examples are on the engine")


def _leftovers(context: CheckContext) -> Iterator[Finding]:
    """Our objects on the engine, if no daemon answers; otherwise see engines.py."""
    if context.api_answers:
        return
    filters = {"label": CLUSTER}
    found = {
        "container": context.docker.containers(all=True, filters=filters),
        "volume": context.docker.volumes(filters=filters)["Volumes"] or [],
        "network": context.docker.networks(filters=filters),
    }
    claims = [c for c in found["container"] if CLAIM in c["Labels"]]
    found["container"] = [c for c in found["container"] if not _is_in_use(c)]
    counts = [f"{len(rows)} {kind}s" for kind, rows in found.items() if rows]
    if not counts:
        yield ok("leftovers", "none")
    else:
        rows = [row for listed in found.values() for row in listed]
        clusters = sorted({row["Labels"][CLUSTER] for row in rows})
        label = f"--filter label={CLUSTER}"
        yield warn(
            "leftovers",
            f"{', '.join(counts)} of {', '.join(clusters)}, but no daemon answers",
            "they are reused when their daemon starts; to remove them: "
            f"docker rm -f $(docker ps -aq {label}); "
            f"docker volume rm $(docker volume ls -q {label}); "
            f"docker network rm $(docker network ls -q {label})",
        )
    for claim in claims:
        labels = claim["Labels"]
        text = f"cluster {labels[CLUSTER]} belongs to store {labels[CLAIM]}"
        yield ok("owner", f"{text}, host {labels.get(CLAIM_HOST) or 'unknown'}")


def _is_in_use(container: dict[str, Any]) -> bool:
    """Whether it is a claim or a running helper, which is removed when it ends."""
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
