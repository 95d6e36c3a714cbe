"""Amounts of CPU and memory as `top` shows them. Pure.

Follows kubectl/pkg/metricsutil/metrics_printer.go.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from supervisor.model import quantities

_MIB = 1 << 20
SORT_KEYS = ("cpu", "memory")


@dataclass(frozen=True)
class Amounts:
    cpu: Fraction = Fraction(0)
    """In cores."""
    memory: Fraction = Fraction(0)
    """In bytes."""

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.cpu + other.cpu, self.memory + other.memory)

    @property
    def cells(self) -> list[str]:
        """`250m`, rounded up, and `64Mi`, rounded down."""
        return [f"{ceil(self.cpu * 1000)}m", f"{self.memory // _MIB}Mi"]


Row = tuple[tuple[str, ...], Amounts]
"""Names, such as namespace and pod, and what is in use."""


def read(resources: Mapping[str, str]) -> Amounts:
    """Amounts from quantities by resource name; missing ones are 0."""
    cpu, memory = (quantities.parse(resources.get(k, "0")).amount for k in SORT_KEYS)
    return Amounts(cpu, memory)


def total(parts: Iterable[Amounts]) -> Amounts:
    return sum(parts, Amounts())


def percentage(used: Fraction, available: Fraction) -> str:
    """`used` in hundredths of `available`, rounded down; `<unknown>` without it."""
    return f"{used * 100 // available}%" if available else "<unknown>"


def order(sort_by: str) -> Callable[[Row], tuple[Any, ...]]:
    """The sort key of a row: its names, or an amount, the greatest first."""
    if not sort_by:
        return lambda row: row[0]
    return lambda row: (-getattr(row[1], sort_by), row[0])
