"""Selecting objects by arguments or manifests, and printing results.

Follows cli-runtime/pkg/resource/helper.go and kubectl's texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from supervisor.cli import manifests, targets
from supervisor.cli.discovery import Resource
from supervisor.cli.failure import Failure
from supervisor.cli.manifests import Manifest
from supervisor.cli.output import printer
from supervisor.cli.session import Session
from supervisor.model.meta import Object

#: Objects per page of a list request.
PAGE = 500


@dataclass(frozen=True)
class ObjectRef:
    """A reference to one object by resource, namespace and name."""

    resource: Resource
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource.display_name}/{self.name}"


def resource_of(session: Session, manifest: Manifest) -> Resource:
    """The server's resource for a manifest. Raises Failure if there is none."""
    resource = session.catalog.find_kind(manifest.api_version, manifest.kind)
    if resource is not None:
        return resource
    same_kind = [r for r in session.catalog.resources if r.kind == manifest.kind]
    if same_kind:
        hint = f"this server has {manifest.kind} in version {same_kind[0].api_version}"
    else:
        kinds = sorted({r.kind for r in session.catalog.resources})
        hint = f"this server has {', '.join(kinds)}"
    raise Failure(
        f'resource mapping not found for name: "{manifest.name}" namespace: '
        f'"{manifest.namespace}" from "{manifest.source}": no matches for kind '
        f'"{manifest.kind}" in version "{manifest.api_version}"\n'
        "ensure CRDs are installed first",
        hint,
    )


def locate(session: Session, manifest: Manifest) -> ObjectRef:
    """A reference to the object of a manifest; sets its namespace. Raises Failure."""
    resource = resource_of(session, manifest)
    metadata = manifest.object["metadata"]
    if not resource.namespaced:
        return ObjectRef(resource, "", manifest.name)
    given, option = manifest.namespace, session.namespace_option
    if given and option and given != option:
        raise Failure(
            f'the namespace from the provided object "{given}" does not match the '
            f"namespace \"{option}\". You must pass '--namespace={given}' to perform "
            "this operation."
        )
    metadata["namespace"] = given or session.namespace
    return ObjectRef(resource, metadata["namespace"], manifest.name)


_FILES_AND_ARGUMENTS = (
    "when paths, URLs, or stdin is provided as input, you may not specify resource "
    "arguments as well"
)


def select_objects(
    session: Session,
    verb: str,
    args: Sequence[str],
    filenames: Sequence[str] = (),
    recursive: bool = False,
    labels: str = "",
    fields: str = "",
    select_all: bool = False,
    all_namespaces: bool = False,
) -> Iterator[tuple[ObjectRef, Object | None]]:
    """References to selected objects, and the object if listed. Raises Failure."""
    if filenames:
        if args:
            raise Failure(_FILES_AND_ARGUMENTS)
        for manifest in manifests.read(filenames, recursive=recursive):
            yield locate(session, manifest), None
        return
    chosen = targets.parse(session.catalog, args, verb)
    selecting = bool(labels or fields or select_all or all_namespaces)
    for target in chosen:
        if target.name:
            if labels or fields or select_all:
                raise Failure("name cannot be provided when a selector is specified")
            namespace = session.namespace_of(target.resource)
            yield ObjectRef(target.resource, namespace, target.name), None
        elif not selecting:
            raise Failure(
                "resource(s) were provided, but no name was specified",
                f"give a name (`supervisor {verb} {args[0]} NAME`), a selector with "
                "-l, or --all",
            )
        else:
            namespace = "" if all_namespaces else session.namespace_of(target.resource)
            yield from _listed(session, target.resource, namespace, labels, fields)


def read_all(
    session: Session, resource: Resource, namespace: str, labels: str, fields: str
) -> list[Object]:
    """All objects that match, read page by page. Raises ApiError."""
    found: list[Object] = []
    token = ""
    while True:
        page = session.client.list(
            resource.full_name,
            namespace,
            labels=labels,
            fields=fields,
            limit=PAGE,
            continue_token=token,
        )
        found += page.items
        token = page.continue_token
        if not token:
            return found


def print_result(
    session: Session, obj: Object, outcome: str, output: str, dry_run: str
) -> None:
    """Print `pod/kubia created`, or the object in the format of -o.

    `outcome` is a past participle such as `created`.
    """
    if output and output != "name":
        click.echo(printer(output, lambda o: name_of(session, o))(obj), nl=False)
        return
    if output == "name":
        click.echo(name_of(session, obj))
        return
    suffix = {"none": "", "client": " (dry run)", "server": " (server dry run)"}
    click.echo(f"{name_of(session, obj)} {outcome}{suffix[dry_run]}")


def name_of(session: Session, obj: Object) -> str:
    """The display name, such as `pod/kubia`."""
    kind, version = str(obj.get("kind", "")), str(obj.get("apiVersion", ""))
    resource = session.catalog.find_kind(version, kind)
    group = version.rpartition("/")[0]
    plain = f"{kind.lower()}.{group}" if group else kind.lower()
    printed = resource.display_name if resource is not None else plain
    return f"{printed}/{obj['metadata'].get('name', '')}"


def _listed(
    session: Session, resource: Resource, namespace: str, labels: str, fields: str
) -> Iterator[tuple[ObjectRef, Object | None]]:
    for item in read_all(session, resource, namespace, labels, fields):
        meta = item["metadata"]
        yield ObjectRef(resource, meta.get("namespace") or "", meta["name"]), item
