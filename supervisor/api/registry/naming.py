"""Names from `generateName`.

Follows apiserver/pkg/storage/names/generate.go.
"""

import secrets

#: No vowels, and no digits that look like one: no word comes out of it by accident.
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
MAX_LETTERS = 63
_RANDOM_LETTERS = 5


def generated(base: str) -> str:
    """`base`, cut if long, with five random letters behind it."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_LETTERS))
    return base[: MAX_LETTERS - _RANDOM_LETTERS] + letters
