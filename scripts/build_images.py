"""Build the project's images on the Docker engine that DOCKER_HOST names.

    scripts/images [--local] [--force] [NAME...]

NAME is one of busybox, kubia, kubia-unhealthy, batch-job, ssd-monitor, grpc-health (all
six if none is named), supervisor and node, a Docker host in a container. An image is
left alone if nothing that it is made of has changed: its sources, its Dockerfile, and
the image that it stands on. That is a public one: one that is here or that a registry
gives; where no registry answers, or with --local, a base of the same kind is put
together from this machine's own programs. An image on such a base stays on it until the
public one is here, or --force asks a registry again.
"""

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import docker
import docker.errors

from scripts.rootfs import Missing, Root

_HERE = Path(__file__).parent
_PROJECT = _HERE.parent
_REGISTRY = "https://registry-1.docker.io/v2/"
_CONTENT = "supervisor.content"
"""Label: the digest of all that an image was made from."""
_BASE = "supervisor.base"
"""Label: the name of the image that it stands on."""
_DEBIAN_NODE = "/usr/share/nodejs"
"""Debian's node reads some of its own built-in modules from there."""
_CA = "/etc/ssl/certs/ca-certificates.crt"
_ENGINE = (
    "dockerd",
    "docker",
    "docker-init",
    "docker-proxy",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "ip",
    "openssl",
    "ps",
)
"""All that the image of a host needs of this machine, besides iptables."""
_FIREWALL = (
    "iptables",
    "iptables-save",
    "iptables-restore",
    "ip6tables",
    "ip6tables-save",
    "ip6tables-restore",
)
_ENVIRONMENT = [
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    f"ENV SSL_CERT_FILE={_CA} PIP_CERT={_CA} PIP_ROOT_USER_ACTION=ignore",
]


@dataclass(frozen=True)
class Base:
    argument: str
    """Of the Dockerfile: the image that it stands on."""
    public: str
    local: str
    packages: tuple[str, ...]
    """Debian's, with what `fill` needs."""
    fill: Callable[[Root], None]


@dataclass(frozen=True)
class Target:
    tag: str
    folder: str
    sources: tuple[str, ...]
    base: Base
    dockerfile: str = "Dockerfile"


def _fill_busybox(root: Root) -> None:
    root.busybox()


def _fill_node(root: Root) -> None:
    root.program("node", "/usr/local/bin/node")
    if os.path.isdir(_DEBIAN_NODE):
        root.tree(_DEBIAN_NODE, _DEBIAN_NODE)
    root.busybox()


def _fill_python(root: Root) -> None:
    root.python()
    root.program("ssh")
    root.busybox()


def _fill_engine(root: Root) -> None:
    """Docker's engine as it is on this machine."""
    for name in _ENGINE:
        root.program(name)
    # One program with many names; which one it is, is the machine's choice.
    found = shutil.which("iptables")
    if found is None:
        raise Missing("the program 'iptables' is not on this machine")
    chosen = os.path.realpath(found)
    root.program(chosen)
    for name in _FIREWALL:
        root.link(f"usr/sbin/{name}", os.path.basename(chosen))
    for folder in glob.glob("/usr/lib/*/xtables"):
        root.tree(folder, folder)
    root.file(os.path.realpath("/etc/os-release"), "usr/lib/os-release")
    root.busybox()


_BUSYBOX = Base(
    "BUSYBOX_IMAGE",
    "busybox:1.36",
    "supervisor/base-busybox:latest",
    ("busybox-static",),
    _fill_busybox,
)
_NODE = Base(
    "NODE_IMAGE",
    "node:20-slim",
    "supervisor/base-node:latest",
    ("nodejs", "busybox-static"),
    _fill_node,
)
_PYTHON = Base(
    "PYTHON_IMAGE",
    "python:3.12-slim",
    "supervisor/base-python:latest",
    ("python3-venv", "openssh-client", "busybox-static"),
    _fill_python,
)
_DIND = Base(
    "DIND_IMAGE",
    "docker:27-dind",
    "supervisor/base-dind:latest",
    ("docker.io", "iptables", "iproute2", "openssl", "procps", "busybox-static"),
    _fill_engine,
)
_APP = ("Dockerfile", "app.js")
_HOST = ("node.Dockerfile", "node", "routes", "certificates")
_PACKAGE = (
    "Dockerfile",
    "pyproject.toml",
    "constraints.txt",
    "README.md",
    "LICENSE",
    "supervisor",
)
TARGETS = {
    "busybox": Target(
        "supervisor/busybox:latest", "images/busybox", ("Dockerfile",), _BUSYBOX
    ),
    "kubia": Target("luksa/kubia:latest", "images/kubia", _APP, _NODE),
    "kubia-unhealthy": Target(
        "luksa/kubia-unhealthy:latest", "images/kubia-unhealthy", _APP, _NODE
    ),
    "batch-job": Target(
        "luksa/batch-job:latest", "images/batch-job", ("Dockerfile",), _BUSYBOX
    ),
    "ssd-monitor": Target(
        "luksa/ssd-monitor:latest", "images/ssd-monitor", ("Dockerfile",), _BUSYBOX
    ),
    "grpc-health": Target(
        "supervisor/grpc-health:latest", "images/grpc-health", _APP, _NODE
    ),
    "supervisor": Target("supervisor:latest", ".", _PACKAGE, _PYTHON),
    "node": Target(
        "supervisor/node:latest", "configs/compose", _HOST, _DIND, "node.Dockerfile"
    ),
}
_USUAL = tuple(name for name in TARGETS if name not in ("supervisor", "node"))


class Failed(Exception):
    """Nothing that more trying would help; the text says what to do."""


class Builder:
    def __init__(self, api: docker.APIClient, *, local: bool, force: bool) -> None:
        self._api: Any = api
        self._local = local
        self._force = force
        #: Bases that were looked at, by their public names.
        self._bases: dict[str, str] = {}

    def build(self, target: Target) -> None:
        folder = _PROJECT / target.folder
        before = self._labels(target.tag)
        base = self._bases.get(target.base.public)
        if base is None:
            base = self._base(target.base, before.get(_BASE, ""))
            self._bases[target.base.public] = base
        content = digest(folder, target.sources, self._id(base))
        if not self._force and before.get(_CONTENT) == content:
            print(f"{target.tag} is up to date")
            return
        print(f"Building {target.tag} on {base} …", flush=True)
        lines = self._api.build(
            path=str(folder),
            dockerfile=target.dockerfile,
            tag=target.tag,
            buildargs={target.base.argument: base},
            labels={_CONTENT: content, _BASE: base},
            rm=True,
            decode=True,
        )
        said = []
        for line in lines:
            said.append(line.get("stream", ""))
            if "error" in line:
                raise Failed(f"{''.join(said)}\n{target.tag}: {line['error']}")

    def _labels(self, name: str) -> dict[str, str]:
        """None for an image that is not there."""
        try:
            config = self._api.inspect_image(name)["Config"] or {}
        except docker.errors.NotFound:
            return {}
        return config.get("Labels") or {}

    def _id(self, name: str) -> str:
        return str(self._api.inspect_image(name)["Id"])

    # -- bases
    def _base(self, base: Base, before: str) -> str:
        """The public image if it can be had, or else one made here.

        An image that stood on one made here `before` is no reason to ask a registry.
        """
        if not self._local:
            asked = self._force or before != base.local
            if self._has(base.public) or (asked and self._pull(base.public)):
                return base.public
        try:
            return self._made(base)
        except Missing as error:
            print(f"{error}: installing {', '.join(base.packages)}", flush=True)
            install = subprocess.run([_HERE / "apt-install", *base.packages])
            if install.returncode:
                raise Failed(
                    f"{error}, and no registry gives {base.public}; install Debian's "
                    f"{' and '.join(base.packages)}, or load {base.public}"
                ) from error
            return self._made(base)

    def _has(self, name: str) -> bool:
        try:
            self._api.inspect_image(name)
        except docker.errors.NotFound:
            return False
        return True

    def _pull(self, name: str) -> bool:
        if not _registry_answers():
            return False
        print(f"Pulling {name} …", flush=True)
        try:
            repository, _, tag = name.partition(":")
            self._api.pull(repository, tag)
        except docker.errors.APIError as error:
            print(f"{name} cannot be pulled: {error.explanation}")
        return self._has(name)

    def _made(self, base: Base) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "root.tar"
            root = Root()
            base.fill(root)
            root.write(path)
            content = digest(path.parent, [path.name])
            if self._labels(base.local).get(_CONTENT) == content:
                return base.local
            print(f"Making {base.local} from this machine's programs …", flush=True)
            changes = [*_ENVIRONMENT, f"LABEL {_CONTENT}={content}"]
            repository, _, tag = base.local.partition(":")
            self._api.import_image_from_file(str(path), repository, tag, changes)
        return base.local


@cache
def _registry_answers() -> bool:
    try:
        urllib.request.urlopen(_REGISTRY, timeout=3)
    except urllib.error.HTTPError as error:
        return error.code == 401
    except OSError:
        print("No registry answers: the bases are made on this machine")
        return False
    return True


def digest(folder: Path, names: Sequence[str], *rest: str) -> str:
    """Of all files that these are in the folder, with their paths; and of the rest."""
    found = hashlib.sha256("\n".join([*rest, ""]).encode())
    for file in sorted(f for name in names for f in _files(folder / name)):
        about = file.stat()
        runs = "x" if about.st_mode & 0o100 else "-"
        path = file.relative_to(folder)
        found.update(f"{path} {runs} {about.st_size}\n".encode())
        with file.open("rb") as content:
            while piece := content.read(1 << 20):
                found.update(piece)
    return found.hexdigest()[:16]


def _files(path: Path) -> Iterator[Path]:
    """Those of a folder, as .dockerignore lets them in."""
    if not path.is_dir():
        yield path
        return
    for inner in path.rglob("*"):
        if inner.is_file() and "__pycache__" not in inner.parts:
            yield inner


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(TARGETS)}")
    parser.add_argument("--local", action="store_true", help="ask no registry")
    parser.add_argument("--force", action="store_true", help="build unchanged ones too")
    options = parser.parse_args()
    unknown = [name for name in options.name if name not in TARGETS]
    if unknown:
        parser.error(f"no image {unknown[0]!r}; there are {', '.join(TARGETS)}")
    try:
        api = docker.from_env(timeout=600).api
        builder = Builder(api, local=options.local, force=options.force)
        for name in options.name or _USUAL:
            builder.build(TARGETS[name])
    except (Failed, Missing) as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    except docker.errors.DockerException as error:
        reason = getattr(error, "explanation", None) or error
        print(f"images: the Docker engine refuses: {reason}", file=sys.stderr)
        print("images: scripts/engine makes sure that one answers", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
