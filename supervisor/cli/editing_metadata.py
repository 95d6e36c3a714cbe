"""The shared implementation of `label` and `annotate`.

Follows kubectl/pkg/cmd/label/label.go and annotate/annotate.go.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef, print_result, select_objects
from supervisor.cli.options import (
    with_connection,
    with_dry_run,
    with_field_selector,
    with_files,
    with_selector,
)
from supervisor.cli.session import Session
from supervisor.client.base import PatchType, WriteOptions
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

F = TypeVar("F", bound=Callable[..., Any])

_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")


@dataclass(frozen=True)
class MetadataKind:
    """Labels or annotations: the metadata field, and its names in messages."""

    member: str
    singular: str
    verb: str
    done: str

    @property
    def manager(self) -> str:
        return f"kubectl-{self.verb}"


LABELS = MetadataKind("labels", "label", "label", "labeled")
ANNOTATIONS = MetadataKind("annotations", "annotation", "annotate", "annotated")


@dataclass
class Changes:
    """Values to set and keys to remove."""

    values: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


def with_options(function: F) -> F:
    """Adds the arguments and options of both commands."""
    for decorate in (
        with_connection,
        with_dry_run,
        click.option("-o", "--output", default="", help="yaml, json, name, ..."),
        click.option(
            "--resource-version",
            default="",
            help="Update only this version of the object.",
        ),
        click.option(
            "--list", "listing", is_flag=True, help="Print the current values."
        ),
        click.option("--overwrite", is_flag=True, help="Replace existing values."),
        click.option(
            "-A",
            "--all-namespaces",
            is_flag=True,
            help="Select objects in all namespaces.",
        ),
        click.option(
            "--all",
            "select_all",
            is_flag=True,
            help="Select all objects of the given types.",
        ),
        with_field_selector,
        with_selector,
        with_files,
        click.argument(
            "args",
            nargs=-1,
            metavar="TYPE NAME KEY=VALUE...",
            shell_complete=complete_targets,
        ),
    ):
        function = decorate(function)
    return function


@dataclass(frozen=True)
class MetadataOptions:
    """The options of one command line."""

    filenames: Sequence[str]
    recursive: bool
    labels: str
    fields: str
    select_all: bool
    all_namespaces: bool
    overwrite: bool
    listing: bool
    resource_version: str
    output: str
    dry_run: str


def change(
    session: Session, kind: MetadataKind, args: Sequence[str], opts: MetadataOptions
) -> None:
    """Run one command."""
    names, changes = split(args, kind, bool(opts.filenames))
    if not (changes.values or changes.removed or opts.listing):
        raise Failure(f"at least one {kind.singular} update is required")
    chosen = list(
        select_objects(
            session,
            kind.verb,
            names,
            opts.filenames,
            opts.recursive,
            opts.labels,
            opts.fields,
            opts.select_all,
            opts.all_namespaces,
        )
    )
    if opts.resource_version and len(chosen) > 1:
        raise Failure("--resource-version may only be used with a single resource")
    for ref, _ in chosen:
        try:
            obj = session.client.get(ref.resource.full_name, ref.name, ref.namespace)
            if opts.listing:
                _list(ref, obj, kind, len(chosen) > 1)
            if changes.values or changes.removed:
                _change(session, ref, obj, kind, changes, opts)
        except (ApiError, Failure) as error:
            session.fail(error)


def _change(
    session: Session,
    ref: ObjectRef,
    obj: Object,
    kind: MetadataKind,
    changes: Changes,
    opts: MetadataOptions,
) -> None:
    if not opts.overwrite:
        refuse_overwriting(obj, kind, changes)
    current = obj["metadata"].get(kind.member) or {}
    for key in changes.removed:
        if key not in current:
            click.echo(f'{kind.singular} "{key}" not found.')
    values: dict[str, str | None] = dict(changes.values)
    values |= {key: None for key in changes.removed if key in current}
    changed = obj
    if opts.dry_run == "client":
        kept = {k: v for k, v in (current | values).items() if v is not None}
        changed = obj | {"metadata": obj["metadata"] | {kind.member: kept}}
    elif any(current.get(key) != value for key, value in values.items()):
        changed = _send(session, ref, kind, values, opts)
    print_result(
        session, changed, _outcome(obj, changed, kind), opts.output, opts.dry_run
    )


def _send(
    session: Session,
    ref: ObjectRef,
    kind: MetadataKind,
    values: dict[str, str | None],
    opts: MetadataOptions,
) -> Object:
    patch: Object = {"metadata": {kind.member: values}}
    if opts.resource_version:
        patch["metadata"]["resourceVersion"] = opts.resource_version
    options = WriteOptions("Warn", kind.manager, opts.dry_run == "server")
    changed = session.client.patch(
        ref.resource.full_name,
        ref.name,
        ref.namespace,
        patch,
        PatchType.MERGE,
        options=options,
    )
    session.warn(options.warnings)
    return changed


def split(
    args: Sequence[str], kind: MetadataKind, by_file: bool = False
) -> tuple[list[str], Changes]:
    """Split into names and changes: `KEY=VALUE` sets, `KEY-` removes.

    Raises Failure for arguments in the wrong order and for invalid changes.
    """
    names: list[str] = []
    changes = Changes()
    for position, arg in enumerate(args):
        is_change = "=" in arg or arg.endswith("-")
        if not is_change or (position == 0 and not by_file):
            if changes.values or changes.removed:
                raise Failure(
                    "all resources must be specified before "
                    f"{kind.singular} changes: {arg}"
                )
            names.append(arg)
        elif "=" in arg:
            key, _, value = arg.partition("=")
            _check(kind, arg, key, value)
            changes.values[key] = value
        else:
            changes.removed.append(arg.removesuffix("-"))
    both = [key for key in changes.removed if key in changes.values]
    if both:
        raise Failure(
            f"can not both modify and remove a {kind.singular} in the same command"
        )
    return names, changes


def refuse_overwriting(obj: Object, kind: MetadataKind, changes: Changes) -> None:
    """Raises Failure if a key already has a different value."""
    current = obj["metadata"].get(kind.member) or {}
    clashes = [
        f"'{key}' already has a value ({current[key]}), and --overwrite is false"
        for key, value in sorted(changes.values.items())
        if key in current and current[key] != value
    ]
    if clashes:
        raise Failure("\n".join(clashes), "add --overwrite to replace it")


def _outcome(before: Object, after: Object, kind: MetadataKind) -> str:
    if kind is ANNOTATIONS:
        return kind.done
    old = before["metadata"].get(kind.member) or {}
    new = after["metadata"].get(kind.member) or {}
    if old == new:
        return f"not {kind.done}"
    return f"un{kind.done}" if set(new) < set(old) else kind.done


def _list(ref: ObjectRef, obj: Object, kind: MetadataKind, several: bool) -> None:
    if several:
        resource = ref.resource
        title = f"{resource.kind}.{resource.group}/{ref.name}"
        click.echo(f"Listing {kind.member} for {title}:")
    for key, value in sorted((obj["metadata"].get(kind.member) or {}).items()):
        click.echo(f"{' ' if several else ''}{key}={value}")


def _check(kind: MetadataKind, arg: str, key: str, value: str) -> None:
    if not key:
        raise Failure(f"invalid {kind.singular} spec: {arg}", "write KEY=VALUE")
    if kind is LABELS and (len(value) > 63 or not _LABEL_VALUE.match(value)):
        raise Failure(
            f'invalid label value: "{arg}": a valid label must be an empty string or '
            "consist of alphanumeric characters, '-', '_' or '.', and must start and "
            "end with an alphanumeric character, and be no more than 63 characters"
        )
