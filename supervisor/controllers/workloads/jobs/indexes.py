"""Sets of indexes as a status writes them: `1,3-5`. Pure.

Follows pkg/controller/job/indexed_job_utils.go.
"""

from collections.abc import Iterable


def parse(text: str) -> set[int]:
    """What does not look like an index or a range of them is left out."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            found.update(range(int(first), int(last or first) + 1))
    return found


def to_text(indexes: Iterable[int]) -> str:
    """Three or more in a row become a range.

    >>> to_text({1, 3, 4, 5, 7, 8})
    '1,3-5,7,8'
    """
    rows: list[list[int]] = []
    for index in sorted(indexes):
        if rows and index == rows[-1][-1] + 1:
            rows[-1].append(index)
        else:
            rows.append([index])
    return ",".join(
        f"{row[0]}-{row[-1]}" if len(row) > 2 else ",".join(map(str, row))
        for row in rows
    )
