"""ServiceAccount: an account of programs, which pods run under.

Follows pkg/registry/core/serviceaccount/strategy.go.
"""

from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import ALL_VERBS, BACKGROUND, NO_FIELDS, Kind
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    name_of,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events, write_head, write_rows
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import SERVICE_ACCOUNT
from supervisor.kinds.parts import DATA_WRITES, metadata_rules
from supervisor.model.meta import Object
from supervisor.model.service_account import ServiceAccount


def _cells(account: Object, now: float) -> list[Cell]:
    secrets = account.get("secrets") or ()
    return [name_of(account), len(secrets), age_of(account, now)]


_SECRETS = Column("Secrets", "How many Secrets its pods may mount.", "integer")


def describe(page: Page, account: Object, reader: Reader) -> None:
    """Follows describeServiceAccount of kubectl/pkg/describe/describe.go."""
    write_head(page, account)
    secrets = [str(s.get("name", "")) for s in account.get("imagePullSecrets") or ()]
    write_rows(page, "Image pull secrets", secrets)
    write_events(page, reader.events(account))


KIND = Kind(
    identity=SERVICE_ACCOUNT,
    short_names=("sa",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=ServiceAccount,
    schema="",
    writes=DATA_WRITES,
    rules=replace(metadata_rules(namespaced=True), ignored=ignored.in_account),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer((NAME, _SECRETS, AGE), _cells),
    describe=describe,
    versions=(),
)
