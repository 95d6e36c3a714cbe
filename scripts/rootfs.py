"""Make the root file system of a small image from programs of this machine.

For machines where no registry answers: a second or two, no package manager, no rights.
The tar goes to the file given by `write`; equal content gives equal bytes, so whoever
imports it can tell by its digest that nothing has changed.

Every ELF program brings the shared libraries that it needs. A tree always has passwd,
group, the machine's CA certificates and /tmp; `bin`, `sbin` and `lib` are links into
`usr`, as in Debian.
"""

import io
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

_CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_CA = "etc/ssl/certs/ca-certificates.crt"
_MERGED = ("bin", "sbin", "lib", "lib64")
_FOLDERS = ("dev", "proc", "sys", "run", "root", "home", "usr/local/bin", "var/lib")
_LOADED_BY_NAME = (
    "libnss_files.so.2",
    "libnss_dns.so.2",
    "libresolv.so.2",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libm.so.6",
    "libgcc_s.so.1",
)
"""Libraries that glibc opens itself, and those that wheels for older ones name."""
_NOT_NEEDED = {
    "test",
    "tests",
    "idlelib",
    "lib2to3",
    "tkinter",
    "turtledemo",
    "__pycache__",
    "site-packages",
    "dist-packages",
    "ensurepip",
}
_PIP = b"""#!/usr/local/bin/python3
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""
_PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
_GROUP = "root:x:0:\nnogroup:x:65534:\n"


class Missing(Exception):
    """A program that the image needs is not on this machine."""


class Root:
    """A root file system as it grows; `entries` has what is in it by path."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
        self._programs: list[str] = []
        for folder in _MERGED:
            self._folder(f"usr/{folder}")
            self.link(folder, f"usr/{folder}")
        for folder in _FOLDERS:
            self._folder(folder)
        for folder in ("tmp", "var/tmp"):
            self._folder(folder, 0o1777)
        self.text("etc/passwd", _PASSWD)
        self.text("etc/group", _GROUP)
        self.text(
            "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"
        )
        bundles = (os.environ.get("SSL_CERT_FILE", ""), *_CA_BUNDLES)
        if bundle := next((b for b in bundles if b and os.path.isfile(b)), None):
            self.text(_CA, Path(bundle).read_text())

    # -- what can be put in
    def program(self, name: str, at: str = "") -> None:
        """A program on PATH, at the same place unless another is named."""
        path = shutil.which(name)
        if path is None:
            raise Missing(f"the program {name!r} is not on this machine")
        self.file(os.path.realpath(path), at or path, 0o755)

    def busybox(self) -> None:
        """A static busybox, and a link for each of its commands not there already."""
        path = shutil.which("busybox")
        if path is None or _libraries([path]):
            raise Missing("there is no static busybox on this machine")
        self.file(path, "usr/bin/busybox", 0o755)
        there = {os.path.basename(entry) for entry in self.entries}
        commands = subprocess.run([path, "--list"], capture_output=True, text=True)
        for command in commands.stdout.split():
            if command not in there:
                self.link(f"usr/bin/{command}", "busybox")

    def python(self) -> None:
        """The interpreter that runs this, its standard library, and pip."""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        executable = getattr(sys, "_base_executable", sys.executable)
        self.file(os.path.realpath(executable), f"usr/local/bin/{version}", 0o755)
        for name in ("python3", "python"):
            self.link(f"usr/local/bin/{name}", version)
        library = f"usr/local/lib/{version}"
        standard = sysconfig.get_path("stdlib")
        self.tree(standard, library)
        extensions = sysconfig.get_config_var("DESTSHARED") or ""
        if os.path.isdir(extensions) and not extensions.startswith(standard):
            self.tree(extensions, f"{library}/lib-dynload")
        self._pip(f"{library}/site-packages")

    def _pip(self, at: str) -> None:
        """From the wheel that virtual environments get theirs from."""
        found = [w for f in _wheel_folders() for w in sorted(f.glob("pip-*.whl"))]
        if not found:
            raise Missing("there is no wheel of pip on this machine")
        with zipfile.ZipFile(found[0]) as wheel:
            for name in wheel.namelist():
                if not name.endswith("/"):
                    self._entry(f"{at}/{name}", 0o644, data=wheel.read(name))
        self._entry("usr/local/bin/pip", 0o755, data=_PIP)

    def tree(self, source: str, at: str) -> None:
        """A folder of a library, less what a running program never needs."""
        for folder, folders, files in os.walk(source):
            folders[:] = sorted(
                f
                for f in folders
                if f not in _NOT_NEEDED and not f.startswith("config-")
            )
            for name in sorted(files):
                if name.endswith((".a", ".o", ".pyc")) or name == "EXTERNALLY-MANAGED":
                    continue
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    below = os.path.relpath(path, source)
                    self.file(os.path.realpath(path), f"{at}/{below}")

    def file(self, source: str, at: str, mode: int = 0) -> None:
        data = Path(source).read_bytes()
        if data.startswith(b"\x7fELF"):
            self._programs.append(source)
        runs = os.access(source, os.X_OK)
        self._entry(at, mode or (0o755 if runs else 0o644), data=data)

    def text(self, at: str, text: str) -> None:
        self._entry(at, 0o644, data=text.encode())

    def link(self, at: str, to: str) -> None:
        self._entry(at, 0o777, tarfile.SYMTYPE, link=to)

    # -- the result
    def write(self, path: Path) -> None:
        for library in _libraries(self._programs):
            usual = library.startswith(("/lib/", "/lib64/", "/usr/lib/"))
            at = library if usual else f"usr/lib/{os.path.basename(library)}"
            self.file(os.path.realpath(library), at, 0o755)
        with tarfile.open(path, "w") as tar:
            for entry, data in self.entries.values():
                tar.addfile(entry, io.BytesIO(data))

    def _folder(self, at: str, mode: int = 0o755) -> None:
        self._entry(at, mode, tarfile.DIRTYPE)

    def _entry(
        self,
        at: str,
        mode: int,
        kind: bytes = tarfile.REGTYPE,
        *,
        link: str = "",
        data: bytes = b"",
    ) -> None:
        at = os.path.normpath(at).lstrip("/")
        if at.split("/")[0] in _MERGED and "/" in at:
            at = f"usr/{at}"
        if at in self.entries:
            return
        parent = os.path.dirname(at)
        if parent and parent not in self.entries:
            self._folder(parent)
        entry = tarfile.TarInfo(at)
        entry.type, entry.mode, entry.linkname, entry.size = kind, mode, link, len(data)
        self.entries[at] = entry, data


def _wheel_folders() -> list[Path]:
    bundled = Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"
    return [bundled, Path("/usr/share/python-wheels")]


def _libraries(programs: list[str]) -> list[str]:
    """The shared libraries of all these, with the loader; none for static ones."""
    found = set(_asked_for(programs))
    for folder in {os.path.dirname(path) for path in found}:
        for name in _LOADED_BY_NAME:
            if os.path.exists(os.path.join(folder, name)):
                found.add(os.path.join(folder, name))
    return sorted(found)


def _asked_for(programs: list[str]) -> Iterator[str]:
    for first in range(0, len(programs), 50):
        command = ["ldd", *programs[first : first + 50]]
        told = subprocess.run(command, capture_output=True, text=True).stdout
        for line in told.splitlines():
            words = line.split()
            if "=>" in words and len(words) > 2 and words[2].startswith("/"):
                yield words[2]
            elif len(words) == 2 and words[0].startswith("/") and "(0x" in words[1]:
                yield words[0]
