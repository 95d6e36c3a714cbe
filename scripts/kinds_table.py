"""The table of kinds in the README, made from their descriptions.

    python -m scripts.kinds_table

prints it; a test compares it with what the README says.
"""

from collections.abc import Iterator

from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Kind

_HEAD = ("| Kind | Version | Older versions | Short names |", "|---|---|---|---|")


def table() -> str:
    """One row for each kind of which there can be objects, by group and name."""
    kinds = sorted(CATALOG.writable, key=lambda k: (k.identity.group, k.identity.kind))
    return "\n".join((*_HEAD, *map(_row, kinds)))


def _row(kind: Kind) -> str:
    cells = (
        kind.identity.kind,
        f"`{kind.identity.api_version}`",
        ", ".join(_quoted(old.api_version for old in kind.versions)),
        ", ".join(_quoted(iter(kind.short_names))),
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _quoted(words: Iterator[str]) -> Iterator[str]:
    return (f"`{word}`" for word in words)


if __name__ == "__main__":
    print(table())
