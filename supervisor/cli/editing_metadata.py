"""Changing labels or annotations: what `label` and `annotate` have in common.

Follows kubectl/pkg/cmd/label/label.go and annotate/annotate.go.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from supervisor.cli.completing import complete_targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import Place, places, tell
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
class Kind:
    """Labels or annotations: the member of the metadata, and the words for it."""

    member: str
    singular: str
    verb: str
    done: str

    @property
    def manager(self) -> str:
        return f"kubectl-{self.verb}"


LABELS = Kind("labels", "label", "label", "labeled")
ANNOTATIONS = Kind("annotations", "annotation", "annotate", "annotated")


@dataclass
class Changes:
    wanted: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


def with_options(function: F) -> F:
    """Adds the arguments and options of both verbs."""
    for decorate in (
        with_connection,
        with_dry_run,
        click.option("-o", "--output", default="", help="yaml, json, name, ..."),
        click.option(
            "--resource-version", default="", help="Change only this version."
        ),
        click.option("--list", "listing", is_flag=True, help="Print what there is."),
        click.option("--overwrite", is_flag=True, help="Replace values that exist."),
        click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces."),
        click.option("--all", "every", is_flag=True, help="All objects of the kinds."),
        with_field_selector,
        with_selector,
        with_files,
        click.argument("words", nargs=-1, shell_complete=complete_targets),
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
    every: bool
    all_namespaces: bool
    overwrite: bool
    listing: bool
    resource_version: str
    output: str
    dry_run: str


def change(
    session: Session, kind: Kind, words: Sequence[str], opts: MetadataOptions
) -> None:
    """Carry out one command line."""
    names, changes = split(words, kind, bool(opts.filenames))
    if not (changes.wanted or changes.removed or opts.listing):
        raise Failure(f"at least one {kind.singular} update is required")
    chosen = list(
        places(
            session,
            kind.verb,
            names,
            opts.filenames,
            opts.recursive,
            opts.labels,
            opts.fields,
            opts.every,
            opts.all_namespaces,
        )
    )
    if opts.resource_version and len(chosen) > 1:
        raise Failure("--resource-version may only be used with a single resource")
    for place, _ in chosen:
        try:
            obj = session.client.get(
                place.resource.full_name, place.name, place.namespace
            )
            if opts.listing:
                _list(place, obj, kind, len(chosen) > 1)
            if changes.wanted or changes.removed:
                _change(session, place, obj, kind, changes, opts)
        except (ApiError, Failure) as error:
            session.fail(error)


def _change(
    session: Session,
    place: Place,
    obj: Object,
    kind: Kind,
    changes: Changes,
    opts: MetadataOptions,
) -> None:
    if not opts.overwrite:
        refuse_overwriting(obj, kind, changes)
    there = obj["metadata"].get(kind.member) or {}
    for key in changes.removed:
        if key not in there:
            click.echo(f'{kind.singular} "{key}" not found.')
    values: dict[str, str | None] = dict(changes.wanted)
    values |= {key: None for key in changes.removed if key in there}
    changed = obj
    if opts.dry_run == "client":
        kept = {k: v for k, v in (there | values).items() if v is not None}
        changed = obj | {"metadata": obj["metadata"] | {kind.member: kept}}
    elif any(there.get(key) != value for key, value in values.items()):
        changed = _send(session, place, kind, values, opts)
    tell(session, changed, _done(obj, changed, kind), opts.output, opts.dry_run)


def _send(
    session: Session,
    place: Place,
    kind: Kind,
    values: dict[str, str | None],
    opts: MetadataOptions,
) -> Object:
    patch: Object = {"metadata": {kind.member: values}}
    if opts.resource_version:
        patch["metadata"]["resourceVersion"] = opts.resource_version
    options = WriteOptions("Warn", kind.manager, opts.dry_run == "server")
    changed = session.client.patch(
        place.resource.full_name,
        place.name,
        place.namespace,
        patch,
        PatchType.MERGE,
        options=options,
    )
    session.warn(options.warnings)
    return changed


def split(
    words: Sequence[str], kind: Kind, by_file: bool = False
) -> tuple[list[str], Changes]:
    """Names in front, changes behind: `KEY=VALUE`, or `KEY-` to remove."""
    names: list[str] = []
    changes = Changes()
    for position, word in enumerate(words):
        is_change = "=" in word or word.endswith("-")
        if not is_change or (position == 0 and not by_file):
            if changes.wanted or changes.removed:
                raise Failure(
                    "all resources must be specified before "
                    f"{kind.singular} changes: {word}"
                )
            names.append(word)
        elif "=" in word:
            key, _, value = word.partition("=")
            _check(kind, word, key, value)
            changes.wanted[key] = value
        else:
            changes.removed.append(word.removesuffix("-"))
    both = [key for key in changes.removed if key in changes.wanted]
    if both:
        raise Failure(
            f"can not both modify and remove a {kind.singular} in the same command"
        )
    return names, changes


def refuse_overwriting(obj: Object, kind: Kind, changes: Changes) -> None:
    """Raises Failure where a value stands already, and is another one."""
    there = obj["metadata"].get(kind.member) or {}
    clashes = [
        f"'{key}' already has a value ({there[key]}), and --overwrite is false"
        for key, value in sorted(changes.wanted.items())
        if key in there and there[key] != value
    ]
    if clashes:
        raise Failure("\n".join(clashes), "add --overwrite to replace it")


def _done(before: Object, after: Object, kind: Kind) -> str:
    if kind is ANNOTATIONS:
        return kind.done
    old = before["metadata"].get(kind.member) or {}
    new = after["metadata"].get(kind.member) or {}
    if old == new:
        return f"not {kind.done}"
    return f"un{kind.done}" if set(new) < set(old) else kind.done


def _list(place: Place, obj: Object, kind: Kind, several: bool) -> None:
    if several:
        resource = place.resource
        title = f"{resource.kind}.{resource.group}/{place.name}"
        click.echo(f"Listing {kind.member} for {title}:")
    for key, value in sorted((obj["metadata"].get(kind.member) or {}).items()):
        click.echo(f"{' ' if several else ''}{key}={value}")


def _check(kind: Kind, word: str, key: str, value: str) -> None:
    if not key:
        raise Failure(f"invalid {kind.singular} spec: {word}", "write KEY=VALUE")
    if kind is LABELS and (len(value) > 63 or not _LABEL_VALUE.match(value)):
        raise Failure(
            f'invalid label value: "{word}": a valid label must be an empty string or '
            "consist of alphanumeric characters, '-', '_' or '.', and must start and "
            "end with an alphanumeric character, and be no more than 63 characters"
        )
