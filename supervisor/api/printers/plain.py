"""The tables of kinds that have little to show.

Follows pkg/printers/internalversion/printers.go.
"""

from supervisor.api.printers.base import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.model.meta import Object


def _any(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), age_of(obj, now)]


def _namespace(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), get(obj, "status.phase", ""), age_of(obj, now)]


def _config_map(obj: Object, now: float) -> list[Cell]:
    count = len(obj.get("data") or {}) + len(obj.get("binaryData") or {})
    return [name_of(obj), count, age_of(obj, now)]


def _secret(obj: Object, now: float) -> list[Cell]:
    kind, count = obj.get("type") or "", len(obj.get("data") or {})
    return [name_of(obj), kind, count, age_of(obj, now)]


def _service_account(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), len(obj.get("secrets") or []), age_of(obj, now)]


def _lease(obj: Object, now: float) -> list[Cell]:
    return [name_of(obj), get(obj, "spec.holderIdentity", ""), age_of(obj, now)]


def _scale(obj: Object, now: float) -> list[Cell]:
    wanted, found = get(obj, "spec.replicas", 0), get(obj, "status.replicas", 0)
    return [name_of(obj), wanted, found, age_of(obj, now)]


_DESIRED = Column("Desired", "How many replicas there should be.", "integer")
_AVAILABLE = Column("Available", "How many replicas there are.", "integer")
_STATUS = Column("Status", "Whether the namespace is in use or going away.")
_DATA = Column("Data", "How many keys there are.", "integer")
_TYPE = Column("Type", "What the secret is for.")
_SECRETS = Column("Secrets", "How many secrets it may use.", "integer")
_HOLDER = Column("Holder", "Who holds the lease.")

#: For resources that have no printer of their own.
ANY = Printer((NAME, AGE), _any)
NAMESPACE = Printer((NAME, _STATUS, AGE), _namespace)
CONFIG_MAP = Printer((NAME, _DATA, AGE), _config_map)
SECRET = Printer((NAME, _TYPE, _DATA, AGE), _secret)
SCALE = Printer((NAME, _DESIRED, _AVAILABLE, AGE), _scale)
SERVICE_ACCOUNT = Printer((NAME, _SECRETS, AGE), _service_account)
LEASE = Printer((NAME, _HOLDER, AGE), _lease)
