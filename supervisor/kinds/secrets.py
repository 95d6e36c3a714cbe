"""Secret: sensitive data for pods."""

import base64
from dataclasses import replace

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    Kind,
    Rules,
    SelectableFields,
    no_warnings,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    name_of,
)
from supervisor.kinds.configmaps import DATA
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import SECRET
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.model import base64_text
from supervisor.model.kinds import Secret
from supervisor.model.meta import Object
from supervisor.model.validation import config_data

_TYPE = Column("Type", "Type of the secret.")


def complete(secret: Object) -> None:
    """Merge `stringData`, which is not stored, into `data`."""
    secret["type"] = secret.get("type") or "Opaque"
    for key, text in (secret.pop("stringData", None) or {}).items():
        encoded = base64.b64encode(str(text).encode()).decode()
        secret.setdefault("data", {})[key] = encoded


def _cells(obj: Object, now: float) -> list[Cell]:
    return [
        name_of(obj),
        obj.get("type") or "",
        len(obj.get("data") or {}),
        age_of(obj, now),
    ]


def describe(page: Page, secret: Object, _reader: Reader) -> None:
    """Shows only sizes. Follows describeSecret of kubectl/pkg/describe/describe.go."""
    write_head(page, secret)
    page.line(0, f"\nType:\t{secret.get('type') or 'Opaque'}")
    page.line(0, "\nData\n====")
    for key, value in sorted((secret.get("data") or {}).items()):
        page.line(0, f"{key}:\t{len(base64_text.decode(value))} bytes")


KIND = Kind(
    identity=SECRET,
    short_names=(),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=Secret,
    schema="",
    writes=replace(DATA_WRITES, complete=complete),
    rules=Rules(
        create=config_data.check_secret,
        update=config_data.check_secret_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=SelectableFields(paths=frozenset({"type"}), absent={}),
    deletion=BACKGROUND,
    columns=Printer((NAME, _TYPE, DATA, AGE), _cells),
    describe=describe,
    versions=(),
)
