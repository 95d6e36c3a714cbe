"""Figures, and how they are shown: median, least and most, or a single value."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    name: str
    values: Sequence[float]
    unit: str

    @property
    def median(self) -> float:
        return median(self.values)

    def __str__(self) -> str:
        text = f"{self.name:45} {self.median:9.3f} {self.unit}"
        if len(self.values) > 1:
            text += f"  (least {min(self.values):.3f}, most {max(self.values):.3f}, "
            text += f"{len(self.values)} rounds)"
        return text


def ratio(name: str, ours: Figure, rival: Figure) -> Figure:
    """Pair by pair, since the machine's speed drifts during a run."""
    pairs = zip(ours.values, rival.values, strict=True)
    return Figure(name, [a / b for a, b in pairs], "×")
