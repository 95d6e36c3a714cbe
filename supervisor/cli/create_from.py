"""`create namespace`, `create configmap` and `create secret generic`.

Follows kubectl/pkg/cmd/create/create_{namespace,configmap,secret}.go.
"""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from supervisor.cli.failure import Failure
from supervisor.cli.objects import print_result
from supervisor.cli.options import Verb, with_connection, with_dry_run, with_validate
from supervisor.cli.session import Session
from supervisor.client.base import WriteOptions
from supervisor.kinds.identity import CONFIG_MAP, NAMESPACE, SECRET
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])

_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")


def _with_output(function: F) -> F:
    function = click.option(
        "-o", "--output", default="", help="yaml, json, name, jsonpath=..."
    )(function)
    return with_dry_run(with_validate(with_connection(function)))


def _with_sources(function: F) -> F:
    function = click.option(
        "--from-literal",
        "literals",
        multiple=True,
        metavar="KEY=VALUE",
        help="A key and its value. Can be repeated.",
    )(function)
    function = click.option(
        "--from-env-file",
        "env_files",
        multiple=True,
        metavar="FILE",
        help="A file with KEY=VALUE lines. Can be repeated.",
    )(function)
    return click.option(
        "--from-file",
        "files",
        multiple=True,
        metavar="[KEY=]FILE",
        help="A file, or all files of a folder; the key defaults to the file name. "
        "Can be repeated.",
    )(function)


@click.command("namespace", cls=Verb, short_help="Create a namespace")
@click.argument("name")
@_with_output
@click.pass_obj
def namespace(session: Session, /, name: str, **options: str) -> None:
    """Create a namespace."""
    body = {**NAMESPACE.head, "metadata": {"name": name}}
    _create(session, NAMESPACE.resource, body, **options)


@click.command("configmap", cls=Verb, short_help="Create a config map")
@click.argument("name")
@_with_sources
@_with_output
@click.pass_obj
def configmap(
    session: Session,
    /,
    name: str,
    files: tuple[str, ...],
    literals: tuple[str, ...],
    env_files: tuple[str, ...],
    **options: str,
) -> None:
    """Create a config map from files or literals."""
    data, binary = {}, {}
    for key, value in _entries(files, literals, env_files).items():
        try:
            data[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode()
    body: Object = {**CONFIG_MAP.head, "metadata": {"name": name}}
    body |= {"data": data} if data else {}
    body |= {"binaryData": binary} if binary else {}
    _create(session, CONFIG_MAP.resource, body, **options)


@click.group("secret", short_help="Create a secret")
def secret() -> None:
    """Create a secret of the type named by the subcommand."""


@secret.command(
    "generic", cls=Verb, short_help="Create a secret from files or literals"
)
@click.argument("name")
@click.option("--type", "type_", default="", help="The secret's type.")
@_with_sources
@_with_output
@click.pass_obj
def generic(
    session: Session,
    /,
    name: str,
    type_: str,
    files: tuple[str, ...],
    literals: tuple[str, ...],
    env_files: tuple[str, ...],
    **options: str,
) -> None:
    """Create a secret from files or literals."""
    entries = _entries(files, literals, env_files)
    data = {key: base64.b64encode(value).decode() for key, value in entries.items()}
    body: Object = {**SECRET.head, "metadata": {"name": name}}
    body |= {"type": type_} if type_ else {}
    body |= {"data": data} if data else {}
    _create(session, SECRET.resource, body, **options)


def _create(
    session: Session,
    resource: str,
    body: Object,
    *,
    dry_run: str,
    validation: str,
    output: str,
) -> None:
    namespace = "" if resource == NAMESPACE.resource else session.namespace
    if namespace and session.namespace_option:
        body["metadata"]["namespace"] = namespace
    options = WriteOptions(validation, "kubectl-create", dry_run == "server")
    if dry_run != "client":
        body = session.client.create(resource, body, namespace, options)
    session.warn(options.warnings)
    print_result(session, body, "created", output, dry_run)


def _entries(
    files: tuple[str, ...], literals: tuple[str, ...], env_files: tuple[str, ...]
) -> dict[str, bytes]:
    if env_files and (files or literals):
        raise Failure("from-env-file cannot be combined with from-file or from-literal")
    entries: dict[str, bytes] = {}
    for key, value in [
        *(_literal(text) for text in literals),
        *(entry for text in files for entry in _file(text)),
        *(entry for name in env_files for entry in _env_file(name)),
    ]:
        if not _KEY.match(key):
            raise Failure(
                f'"{key}" is not a valid key name: it must consist of alphanumeric '
                "characters, '-', '_' or '.'"
            )
        if key in entries:
            raise Failure(f'cannot add key "{key}", another key by that name exists')
        entries[key] = value
    return entries


def _literal(text: str) -> tuple[str, bytes]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise Failure(f"invalid literal source {text}, expected key=value")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return key, value.encode()


def _file(text: str) -> Iterator[tuple[str, bytes]]:
    key, equals, name = text.rpartition("=")
    path = Path(name)
    if equals and not (key and name):
        raise Failure(f"invalid source {text}, expected [key=]file")
    if path.is_dir():
        if key:
            raise Failure(f"cannot give a key name for a directory path: {text}")
        for member in sorted(p for p in path.iterdir() if p.is_file()):
            yield member.name, _bytes(member)
    else:
        yield key or path.name, _bytes(path)


def _env_file(name: str) -> Iterator[tuple[str, bytes]]:
    text = _bytes(Path(name)).decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        key, equals, value = stripped.partition("=")
        if not equals:
            raise Failure(f"{name}:{number}: expected KEY=VALUE, found {stripped!r}")
        yield key, value.encode()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"error reading {path}: {error.strerror}") from error
