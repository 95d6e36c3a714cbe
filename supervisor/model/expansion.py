"""`$(NAME)` references in commands, arguments and values, as Kubernetes expands them.

Rules
- `$(NAME)` becomes the variable's value; an unknown name stays as it is written.
- `$$` becomes `$`, so `$$(NAME)` is the literal `$(NAME)`.
- A `$` before anything else, and a `$(` that is never closed, stay as they are.

Follows third_party/forked/golang/expansion/expand.go.
"""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`text` with its references replaced.

    >>> expand("$(A) $$(A) $(B) $5", {"A": "1"})
    '1 $(A) $(B) $5'
    """

    def replace(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "$"
        return variables.get(name, found.group(0))

    return _REFERENCE.sub(replace, text)
