"""`supervisor apply`: create or update objects to match manifests.

Follows kubectl/pkg/cmd/apply/{apply,patcher}.go (client-side apply).
"""

import click

from supervisor.cli import manifests
from supervisor.cli.failure import Failure
from supervisor.cli.manifests import Manifest
from supervisor.cli.objects import ObjectRef, locate, print_result
from supervisor.cli.options import (
    Verb,
    with_connection,
    with_dry_run,
    with_files,
    with_selector,
    with_validate,
)
from supervisor.cli.session import Session, print_stderr
from supervisor.client import client_side_apply
from supervisor.client.base import WriteOptions
from supervisor.client.client_side_apply import Applied
from supervisor.client.last_applied import LAST_APPLIED
from supervisor.model.errors import ApiError
from supervisor.model.selectors import parse_labels

_MANAGER = "kubectl-client-side-apply"
_ATTEMPTS = 5


@click.command("apply", cls=Verb)
@with_files
@with_selector
@with_dry_run
@with_validate
@click.option("--overwrite", is_flag=True, default=True, hidden=True)
@click.option("-o", "--output", default="", help="yaml, json, name, jsonpath=...")
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    filenames: tuple[str, ...],
    recursive: bool,
    labels: str,
    dry_run: str,
    validation: str,
    output: str,
    overwrite: bool,
) -> None:
    """Apply manifests: create missing objects and update existing ones.

    \b
    supervisor apply -f kubia-rc.yaml
    supervisor apply -f configs/ -R
    generate | supervisor apply -f -
    """
    if not filenames:
        raise Failure("must specify -f", "for example `supervisor apply -f FILE`")
    selector = parse_labels(labels) if labels else None
    chosen = [
        manifest
        for manifest in manifests.read(filenames, recursive=recursive)
        if selector is None
        or selector.matches(manifest.object["metadata"].get("labels") or {})
    ]
    if not chosen:
        raise Failure("no objects passed to apply")
    for manifest in chosen:
        try:
            _apply(session, manifest, dry_run, validation, output)
        except Failure as error:
            session.fail(error)
        except ApiError as error:
            session.fail(error, f'error when applying "{manifest.source}"')


def _apply(
    session: Session, manifest: Manifest, dry_run: str, validation: str, output: str
) -> None:
    ref = locate(session, manifest)
    if not ref.name:
        raise Failure(
            f'error when applying "{manifest.source}": resource name may not be empty',
            "objects with metadata.generateName are for `supervisor create`",
        )
    for attempt in range(1, _ATTEMPTS + 1):
        options = WriteOptions(validation, _MANAGER, dry_run == "server")
        try:
            applied = _apply_once(session, ref, manifest, dry_run, options)
        except ApiError as error:
            if error.reason == "Conflict" and attempt < _ATTEMPTS:
                continue
            raise
        if not applied.was_annotated:
            _warn_of_missing_annotation(ref)
        session.warn(options.warnings)
        print_result(session, applied.object, applied.outcome, output, dry_run)
        return


def _apply_once(
    session: Session,
    ref: ObjectRef,
    manifest: Manifest,
    dry_run: str,
    options: WriteOptions,
) -> Applied:
    try:
        return client_side_apply.apply(
            session.client,
            ref.resource.full_name,
            manifest.object,
            options,
            write=dry_run != "client",
        )
    except ValueError as error:
        raise Failure(str(error)) from error


def _warn_of_missing_annotation(ref: ObjectRef) -> None:
    print_stderr(
        f"Warning: resource {ref.resource.plural}/{ref.name} is missing the "
        f"{LAST_APPLIED} annotation which is required by supervisor apply. supervisor "
        "apply should only be used on resources created declaratively by either "
        "supervisor create --save-config or supervisor apply. The missing annotation "
        "will be patched automatically."
    )
