"""Counters of this process in the Prometheus text format.

Rules
- A counter only increases; each combination of label values is its own time series.
- Counters are thread-safe.

Follows prometheus.io/docs/instrumenting/exposition_formats.
"""

import threading
from collections import Counter as Counts


class Counter:
    """A Prometheus counter with label names `labels` and help text `text`."""

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        self.name = name
        self._text = text
        self._labels = labels
        self._lock = threading.Lock()
        self._counts: Counts[tuple[str, ...]] = Counts()

    def count(self, *values: str) -> None:
        """Increment the time series with these label values."""
        with self._lock:
            self._counts[values] += 1

    def value(self, *values: str) -> int:
        with self._lock:
            return self._counts[values]

    def render(self) -> str:
        with self._lock:
            rows = sorted(self._counts.items())
        lines = [f"# HELP {self.name} {self._text}", f"# TYPE {self.name} counter"]
        for values, count in rows:
            pairs = zip(self._labels, values, strict=True)
            labels = ",".join(f'{name}="{_escaped(v)}"' for name, v in pairs)
            lines.append(f"{self.name}{{{labels}}} {count}")
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


UNREADABLE = Counter(
    "supervisor_unreadable_objects_total",
    "Object versions that a controller, agent or feed could not read.",
    ("reader", "resource"),
)
COUNTERS = (UNREADABLE,)


def render() -> str:
    """All counters in the exposition format."""
    return "".join(counter.render() for counter in COUNTERS)
