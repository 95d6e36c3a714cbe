"""`supervisor edit`: edit objects in an editor until the server accepts the change.

Follows kubectl/pkg/cmd/util/editor/editoptions.go.
"""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from supervisor.cli import manifests
from supervisor.cli.completing import complete_targets
from supervisor.cli.explain import explain
from supervisor.cli.failure import Failure
from supervisor.cli.objects import ObjectRef, print_result, select_objects
from supervisor.cli.options import Verb, with_connection, with_files, with_validate
from supervisor.cli.output import to_json, to_yaml
from supervisor.cli.session import Session, print_stderr
from supervisor.client.base import PatchType, WriteOptions
from supervisor.model import patches, schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_HEADER = """\
# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file
# will be reopened with the relevant failures.
#
"""


@dataclass(frozen=True)
class Task:
    """One object that is being edited."""

    ref: ObjectRef
    before: Object
    form: str
    validation: str
    output: str


@click.command("edit", cls=Verb)
@click.argument("args", nargs=-1, metavar="TYPE NAME", shell_complete=complete_targets)
@with_files
@click.option(
    "-o",
    "--output",
    default="yaml",
    type=click.Choice(["yaml", "json"]),
    help="Format shown in the editor.",
)
@with_validate
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    args: tuple[str, ...],
    filenames: tuple[str, ...],
    recursive: bool,
    output: str,
    validation: str,
) -> None:
    """Edit objects with $KUBE_EDITOR, $EDITOR or vi.

    \b
    supervisor edit rc kubia
    KUBE_EDITOR=nano supervisor edit pod/kubia
    """
    for ref, _ in select_objects(session, "edit", args, filenames, recursive):
        try:
            before = session.client.get(ref.resource.full_name, ref.name, ref.namespace)
            edit(session, Task(ref, before, output, validation, ""))
        except (ApiError, Failure) as error:
            session.fail(error)


def edit(session: Session, task: Task) -> None:
    """Open the editor until the change is accepted or abandoned. Raises Failure."""
    shown = _shown(task)
    path = _new_file(task.form, _HEADER + shown)
    problem = ""
    while True:
        edited = _edited(path)
        if not _content(edited):
            path.unlink()
            raise Failure("Edit cancelled, saved file was empty.")
        if _content(edited) == _content(shown):
            if problem:
                print_stderr(problem)
                _keep(path, "Edit cancelled, no valid changes were saved.")
            path.unlink()
            print_stderr("Edit cancelled, no changes made.")
            return
        try:
            changed = _save(session, task, edited)
        except (ApiError, Failure) as error:
            problem, hint = explain(error)
            notes = [*problem.splitlines(), *([f"hint: {hint}"] if hint else [])]
            shown = _content(edited)
            comment = "".join(f"# {note}\n" for note in notes) + "#\n"
            path.write_text(_HEADER + comment + shown)
            continue
        path.unlink()
        if changed is None:
            print_stderr("Edit cancelled, no changes made.")
        else:
            print_result(session, changed, "edited", task.output, "none")
        return


def _save(session: Session, task: Task, edited: str) -> Object | None:
    """Patch the object; None if nothing changed. Raises ApiError and Failure."""
    found = manifests.parse(edited, "edited-file")
    if len(found) != 1:
        raise Failure(f"exactly one object is expected, found {len(found)}")
    after = found[0].object
    for member in ("apiVersion", "kind"):
        if after[member] != task.before[member]:
            raise Failure(f"{member} must not be changed ({task.before[member]})")
    for member in ("name", "namespace"):
        if after["metadata"].get(member) != task.before["metadata"].get(member):
            raise Failure(f"metadata.{member} must not be changed")
    type_ = schema.lookup(after["apiVersion"], after["kind"])
    patch = patches.two_way(task.before, after, type_)
    if not patch:
        return None
    options = WriteOptions(task.validation, "kubectl-edit")
    ref = task.ref
    changed = session.client.patch(
        ref.resource.full_name,
        ref.name,
        ref.namespace,
        patch,
        PatchType.STRATEGIC,
        options=options,
    )
    session.warn(options.warnings)
    return changed


def _shown(task: Task) -> str:
    return (to_json if task.form == "json" else to_yaml)(task.before)


def _new_file(form: str, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="supervisor-edit-", suffix=f".{form}")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return Path(name)


def _edited(path: Path) -> str:
    """The text as saved by the user. Raises Failure if the editor fails."""
    command = _editor()
    try:
        done = subprocess.run([*command, str(path)], check=False)
    except OSError as error:
        _keep(path, f"unable to launch the editor {command[0]!r}: {error.strerror}")
        raise
    if done.returncode:
        _keep(path, f"there was a problem with the editor {shlex.join(command)!r}")
    return path.read_text()


def _editor() -> Sequence[str]:
    for name in ("KUBE_EDITOR", "EDITOR"):
        value = os.environ.get(name, "").strip()
        if not value:
            continue
        # A command with quotes or pipes needs a shell, which gets the file as `"$@"`.
        if any(letter in value for letter in "\"'\\$|;&"):
            return ["/bin/sh", "-c", f'{value} "$@"', "editor"]
        return value.split()
    return ["vi"]


def _content(text: str) -> str:
    """The text without comment lines."""
    lines = text.splitlines(keepends=True)
    return "".join(
        line for line in lines if not line.startswith("#")
    ).strip() + "\n" * (
        any(line.strip() and not line.startswith("#") for line in lines)
    )


def _keep(path: Path, message: str) -> None:
    print_stderr(f'A copy of your changes has been stored to "{path}"')
    raise Failure(message)
