"""Kubernetes quantities: `100m`, `1Gi`, `1e3`, `0.5`.

Rules
- A value is exact. Digits below a nano are rounded away from zero, as upstream does.
- The canonical text has no fraction, the largest suffix that loses nothing, and the
  family of suffixes (binary, decimal, exponent) in which the quantity was written.

Follows apimachinery/pkg/api/resource/{quantity,suffix}.go.
"""

import math
import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

Text = str | int | float
"""A quantity as JSON carries it."""

_SPLIT = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_NOT_A_QUANTITY = f"quantities must match the regular expression '{_SPLIT}'"
_split = re.compile(_SPLIT.rstrip("$") + r"\Z", re.ASCII)
_number = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_exponent = re.compile(r"[eE]([+-]?[0-9]+)")

_BINARY = {s: 1024**n for n, s in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))}
_DECIMAL = {
    s: n for n, s in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
}
_SUFFIX_OF_POWER = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = Fraction(1, 10**9)
_MOST = 2**63 - 1
#: An exponent beyond this leaves the range of quantities anyway.
_MAX_EXPONENT = 40


class Family(Enum):
    BINARY = "BinarySI"
    DECIMAL = "DecimalSI"
    EXPONENT = "DecimalExponent"


@dataclass(frozen=True)
class Quantity:
    amount: Fraction
    family: Family = Family.DECIMAL

    def __str__(self) -> str:
        """The canonical text."""
        if self.amount == 0:
            return "0"
        whole = self.amount.denominator == 1
        if self.family is Family.BINARY and whole and abs(self.amount) >= 1024:
            return self._binary()
        return self._decimal()

    def _binary(self) -> str:
        number, power = int(self.amount), 0
        while number % 1024 == 0 and power < len(_BINARY) - 1:
            number, power = number // 1024, power + 1
        return f"{number}{list(_BINARY)[power]}"

    def _decimal(self) -> str:
        number, power = int(self.amount / _NANO), -3
        while number % 1000 == 0 and power < 6:
            number, power = number // 1000, power + 1
        if self.family is Family.EXPONENT:
            return f"{number}e{power * 3}" if power else str(number)
        return f"{number}{_SUFFIX_OF_POWER[power]}"


def parse(text: Text) -> Quantity:
    """The quantity that `text` is. Raises ValueError in upstream's words."""
    if isinstance(text, bool):
        raise ValueError(_NOT_A_QUANTITY)
    found = _split.match(str(text).strip())
    if found is None:
        raise ValueError(_NOT_A_QUANTITY)
    number, suffix = found.groups()
    if not _number.fullmatch(number):
        raise ValueError("unable to parse numeric part of quantity")
    factor, family = _factor(suffix)
    return Quantity(_bounded(Fraction(number) * factor), family)


def _factor(suffix: str) -> tuple[Fraction, Family]:
    if suffix in _DECIMAL:
        return Fraction(1000) ** _DECIMAL[suffix], Family.DECIMAL
    if suffix in _BINARY:
        return Fraction(_BINARY[suffix]), Family.BINARY
    if found := _exponent.fullmatch(suffix):
        power = max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(found[1])))
        return Fraction(10) ** power, Family.EXPONENT
    raise ValueError("unable to parse quantity's suffix")


def _bounded(amount: Fraction) -> Fraction:
    """Whole nanos, rounded away from zero, and no larger than upstream can hold."""
    nanos = math.ceil(abs(amount) / _NANO)
    size = min(nanos * _NANO, Fraction(_MOST))
    return size if amount >= 0 else -size


def millis(text: Text) -> int:
    """Thousandths, rounded up: `millis("0.1")` is 100."""
    return math.ceil(parse(text).amount * 1000)


def whole(text: Text) -> int:
    """Units, rounded up: `whole("1Ki")` is 1024, `whole("100m")` is 1."""
    return math.ceil(parse(text).amount)


def canonical(text: Text) -> str:
    """The one text for this amount: `canonical("1024Mi")` is `1Gi`."""
    return str(parse(text))


def rounded_to_millis(text: Text) -> str:
    """Canonical text, digits below a thousandth rounded up as resource lists are."""
    quantity = parse(text)
    amount = Fraction(math.ceil(quantity.amount * 1000), 1000)
    return str(Quantity(amount, quantity.family))


def add(*texts: Text) -> str:
    """The canonical sum, in the family of the first that is not zero."""
    parsed = [parse(t) for t in texts]
    family = next((q.family for q in parsed if q.amount), Family.DECIMAL)
    return str(Quantity(sum((q.amount for q in parsed), Fraction(0)), family))
