"""Definitions shared by several kinds."""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    CHANGE_VERBS,
    NO_FIELDS,
    NO_STATUS,
    READ_VERBS,
    Kind,
    Rules,
    Subresource,
    Writes,
    no_change,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.columns import AGE, NAME, Cell, Printer, age_of, name_of
from supervisor.kinds.describing import generic
from supervisor.kinds.identity import Identity
from supervisor.kinds.writing import apply_status_update
from supervisor.model import names
from supervisor.model.errors import invalid_object
from supervisor.model.meta import Object
from supervisor.model.validation import metadata
from supervisor.model.validation.report import Errors


def status_subresource(identity: Identity) -> Subresource:
    """The `status` subresource."""
    return Subresource(
        name="status", kind=identity.kind, verbs=CHANGE_VERBS, write=_write_status
    )


def _write_status(kind: Kind, new: Object, old: Object) -> Object:
    wrong = apply_status_update(kind, new, old)
    if wrong:
        name = str(old["metadata"].get("name", ""))
        raise invalid_object(kind.identity.qualified_kind, name, wrong)
    return new


def _name_and_age(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), age_of(obj, now)]


NAME_AND_AGE = Printer((NAME, AGE), _name_and_age)
"""The columns of kinds without columns of their own."""

DATA_WRITES = Writes(
    complete=no_change,
    admit=no_create_change,
    generation=False,
    status=NO_STATUS,
    prepare_create=no_create_change,
    prepare_update=no_update_change,
    prepare_status=no_update_change,
)
"""For kinds without spec and status."""


def metadata_rules(namespaced: bool) -> Rules:
    """Rules that validate only the metadata."""

    def create(obj: Object) -> Errors:
        yield from metadata.check(
            obj["metadata"], namespaced=namespaced, name_check=names.dns_subdomain
        )

    return Rules(
        create=create,
        update=check_metadata_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    )


def not_enforced(
    identity: Identity, *, short_names: tuple[str, ...], columns: Printer
) -> Kind:
    """A kind whose objects are kept, with a warning that nothing acts upon them yet."""

    def warnings(_obj: Object) -> list[str]:
        return [f"{identity.kind} is stored, but it is not enforced yet"]

    return Kind(
        identity=identity,
        short_names=short_names,
        categories=(),
        verbs=ALL_VERBS,
        subresources=(),
        value_type=None,
        schema="",
        writes=DATA_WRITES,
        rules=replace(metadata_rules(identity.namespaced), warnings=warnings),
        fields=NO_FIELDS,
        deletion=BACKGROUND,
        columns=columns,
        describe=generic.describe,
        versions=(),
    )


def protect(obj: Object, finalizer: str) -> None:
    """Add a finalizer to a new object, which a controller removes when it is unused.

    Follows plugin/pkg/admission/storage/storageobjectinuseprotection.
    """
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if finalizer not in finalizers:
        finalizers.append(finalizer)


def check_metadata_update(new: Object, old: Object) -> Errors:
    """An update of which only the metadata is examined."""
    yield from metadata.check_update(new["metadata"], old["metadata"])


def empty_kind(
    identity: Identity,
    *,
    short_names: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    columns: Printer = NAME_AND_AGE,
) -> Kind:
    """A read-only kind without objects, which clients expect to exist."""
    return Kind(
        identity=identity,
        short_names=short_names,
        categories=categories,
        verbs=READ_VERBS,
        subresources=(),
        value_type=None,
        schema="",
        writes=DATA_WRITES,
        rules=metadata_rules(identity.namespaced),
        fields=NO_FIELDS,
        deletion=BACKGROUND,
        columns=columns,
        describe=generic.describe,
        versions=(),
    )
