"""Read manifests from files, folders, URLs and stdin.

Rules
- In a folder, files with the suffixes .json, .yaml and .yml are read in order of name.
- A `List` is expanded to its items; empty documents are skipped.
- A document that is not an object is an error that names file, line and what was found.

Follows cli-runtime/pkg/resource/visitor.go.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.model.meta import Object
from supervisor.model.yaml_reader import YamlError, documents

SUFFIXES = (".json", ".yaml", ".yml")


class ManifestError(Exception):
    """A manifest that cannot be read. `hint` may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Manifest:
    """One object of a file, and where it is defined."""

    object: Object
    source: str
    """File name, URL or `STDIN`."""
    line: int = 1

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def api_version(self) -> str:
        return str(self.object["apiVersion"])

    @property
    def name(self) -> str:
        return str(self.object["metadata"].get("name") or "")

    @property
    def namespace(self) -> str:
        return str(self.object["metadata"].get("namespace") or "")


def read(names: Iterable[str], *, recursive: bool = False) -> list[Manifest]:
    """The objects in all files, folders and URLs. Raises ManifestError.

    `-` is stdin.
    """
    found: list[Manifest] = []
    for name in names:
        for source, text in _texts(name, recursive):
            found += parse(text, source)
    if not found:
        raise ManifestError("no objects passed to this command")
    return found


def parse(text: str, source: str) -> list[Manifest]:
    """The objects in a YAML or JSON text. Raises ManifestError."""
    found: list[Manifest] = []
    try:
        for line, document in documents(text):
            if document is not None:
                found += _objects(document, source, line)
    except YamlError as error:
        hint = _line_hint(text, error.line) if error.line else ""
        raise ManifestError(f"error parsing {source}: {error}", hint) from error
    return found


def _objects(document: Any, source: str, line: int) -> Iterator[Manifest]:
    where = f'unable to decode "{source}": line {line}'
    if not isinstance(document, dict):
        found = type(document).__name__
        kind = {"str": "a string", "list": "a list"}.get(found, found)
        raise ManifestError(f"{where}: expected an object, found {kind}")
    for member in ("apiVersion", "kind"):
        value = document.get(member)
        if not isinstance(value, str) or not value:
            found = f"found {value!r}" if value is not None else "it is missing"
            raise ManifestError(
                f"{where}: {member} must be a string, {found}",
                "every object needs apiVersion, kind and metadata.name",
            )
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(item, source, line)
        return
    metadata = document.setdefault("metadata", {})
    if metadata is None:
        document["metadata"] = {}
    elif not isinstance(metadata, dict):
        raise ManifestError(f"{where}: metadata must be a mapping, found {metadata!r}")
    yield Manifest(document, source, line)


def _texts(name: str, recursive: bool) -> Iterator[tuple[str, str]]:
    if name == "-":
        yield "STDIN", sys.stdin.read()
    elif name.startswith(("http://", "https://")):
        yield name, _download(name)
    else:
        for path in _files(Path(name), recursive):
            yield str(path), _text(path)


def _files(path: Path, recursive: bool) -> list[Path]:
    if not path.exists():
        raise ManifestError(f'the path "{path}" does not exist')
    if not path.is_dir():
        return [path]
    below = path.rglob("*") if recursive else path.iterdir()
    files = sorted(p for p in below if p.suffix in SUFFIXES and p.is_file())
    if not files:
        hint = "" if recursive else "use -R to search subfolders too"
        endings = ", ".join(SUFFIXES)
        raise ManifestError(
            f'the folder "{path}" has no files ending with {endings}', hint
        )
    return files


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ManifestError(
            f'"{path}" is not valid UTF-8 (byte {error.start})'
        ) from error
    except OSError as error:
        raise ManifestError(f'unable to read "{path}": {error.strerror}') from error


def _download(url: str) -> str:
    import requests

    try:
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise ManifestError(f'unable to read URL "{url}": {error}') from error
    return answer.text


def _line_hint(text: str, line: int) -> str:
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return ""
    found = lines[line - 1]
    if "\t" in found[: len(found) - len(found.lstrip())]:
        return f"line {line} is indented with a tab; YAML allows only spaces"
    return f"line {line}: {found.strip()}"
