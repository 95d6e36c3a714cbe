"""The phases of an engine in ARCHITECTURE.md, made from their table.

    python -m scripts.engine_phases

prints the picture and the rows; a test compares them with the document.
"""

import re

from supervisor.engines.plan.phases import ANY_TIME, TABLE, Row

_HEAD = ("| Phase | When | Actions |", "|---|---|---|")


def picture() -> str:
    """A state diagram in the language of Mermaid."""
    lines = [
        "stateDiagram-v2",
        '    state "any phase" as Any',
        "    [*] --> Connecting",
    ]
    lines += [f"    Any --> {phase.value}" for phase in ANY_TIME]
    for row in reversed(TABLE):
        lines += [f"    {row.phase.value} --> {after.value}" for after in row.next]
    lines += [f"    {row.phase.value} --> [*]" for row in TABLE if not row.next]
    return "\n".join(("```mermaid", *lines, "```"))


def table() -> str:
    """One row for each phase, in the order in which they are tried."""
    return "\n".join((*_HEAD, *map(_row, TABLE)))


def _row(row: Row) -> str:
    allowed = ", ".join(_words(action.__name__) for action in row.allows)
    return f"| {row.phase.value} | {row.when} | {allowed} |"


def _words(name: str) -> str:
    """
    >>> _words("PatchNodeLabels")
    'patch node labels'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


if __name__ == "__main__":
    print(picture(), table(), sep="\n\n")
