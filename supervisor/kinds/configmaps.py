"""ConfigMap: configuration data for pods."""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    Kind,
    Rules,
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
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events, write_head
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import CONFIG_MAP
from supervisor.kinds.parts import DATA_WRITES, check_metadata_update
from supervisor.model import base64_text
from supervisor.model.kinds import ConfigMap
from supervisor.model.meta import Object
from supervisor.model.validation import config_data


def _cells(obj: Object, now: float) -> list[Cell]:
    count = len(obj.get("data") or {}) + len(obj.get("binaryData") or {})
    return [name_of(obj), count, age_of(obj, now)]


def describe(page: Page, config_map: Object, reader: Reader) -> None:
    """Follows ConfigMapDescriber of kubectl/pkg/describe/describe.go."""
    write_head(page, config_map)
    page.line(0, "\nData\n====")
    for key, value in sorted((config_map.get("data") or {}).items()):
        page.line(0, f"{key}:\n----")
        page.line(0, f"{value}\n")
    page.line(0, "\nBinaryData\n====")
    for key, value in sorted((config_map.get("binaryData") or {}).items()):
        page.line(0, f"{key}: {len(base64_text.decode(value))} bytes")
    page.line(0, "")
    write_events(page, reader.events(config_map))


DATA = Column("Data", "Number of keys.", "integer")

KIND = Kind(
    identity=CONFIG_MAP,
    short_names=("cm",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(),
    value_type=ConfigMap,
    schema="",
    writes=DATA_WRITES,
    rules=Rules(
        create=config_data.check_config_map,
        update=config_data.check_config_map_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer((NAME, DATA, AGE), _cells),
    describe=describe,
    versions=(),
)
