"""Lease: a lock that its holder renews; used as heartbeat of nodes.

Follows pkg/apis/coordination/validation/validation.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    Kind,
    Rules,
    no_warnings,
)
from supervisor.kinds.columns import AGE, NAME, Cell, Column, Printer, age_of, name_of
from supervisor.kinds.columns import get as at
from supervisor.kinds.describing import generic
from supervisor.kinds.identity import LEASE
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors


def check(lease: Object) -> Errors:
    yield from metadata.check(
        lease["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _spec(lease.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def _spec(spec: Object) -> Errors:
    duration = spec.get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        field = "spec.leaseDurationSeconds"
        yield invalid(field, duration, "must be greater than 0")
    transitions = spec.get("leaseTransitions")
    yield from report.not_negative("spec.leaseTransitions", transitions)


def complete(lease: Object) -> None:
    lease.setdefault("spec", {})


def _cells(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), at(obj, "spec.holderIdentity", ""), age_of(obj, now)]


KIND = Kind(
    identity=LEASE,
    short_names=(),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=None,
    schema="",
    writes=replace(DATA_WRITES, complete=complete),
    rules=Rules(
        create=check,
        update=check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer((NAME, Column("Holder", "Identity of the holder."), AGE), _cells),
    describe=generic.describe,
    versions=(),
)
