"""Label selectors and field selectors, in kubectl's syntax.

Rules
- A selector that cannot be read raises ApiError 400, in upstream's words.
- `!=` and `notin` also match where the label is absent.

Follows apimachinery/pkg/labels/selector.go and pkg/fields/selector.go.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from supervisor.model import names
from supervisor.model.errors import FieldError, bad_request, invalid

FieldValue = str | tuple[str, ...]
"""What a field holds; a tuple when it holds several, any of which may match."""


# -- labels


@dataclass(frozen=True)
class Requirement:
    key: str
    operator: str
    """One of `in`, `notin`, `=`, `==`, `!=`, `exists`, `!`, `gt`, `lt`."""
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.key)
        match self.operator:
            case "exists":
                return found is not None
            case "!":
                return found is None
            case "!=" | "notin":
                return found is None or found not in self.values
            case "gt" | "lt":
                return self._compares(found)
            case _:
                return found is not None and found in self.values

    def _compares(self, found: str | None) -> bool:
        number = _integer(found or "")
        bound = _integer(self.values[0])
        if number is None or bound is None:
            return False
        return number > bound if self.operator == "gt" else number < bound

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return f"!{self.key}"
            case "in" | "notin":
                listed = ",".join(sorted(self.values))
                return f"{self.key} {self.operator} ({listed})"
            case "gt" | "lt":
                return (
                    f"{self.key}{'>' if self.operator == 'gt' else '<'}"
                    + (self.values[0])
                )
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


@dataclass(frozen=True)
class LabelSelector:
    """All requirements together; none at all matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        return all(r.matches(labels or {}) for r in self.requirements)

    def __bool__(self) -> bool:
        return bool(self.requirements)

    def __str__(self) -> str:
        return ",".join(str(r) for r in self.requirements)


def from_map(labels: Mapping[str, str] | None) -> LabelSelector:
    """The selector of objects that have all of `labels`."""
    pairs = sorted((labels or {}).items())
    return LabelSelector(tuple(Requirement(k, "=", (v,)) for k, v in pairs))


def parse_labels(text: str | None) -> LabelSelector:
    """The selector that `text` spells. Raises ApiError 400."""
    try:
        found = list(_LabelParser(text or "").requirements())
    except ValueError as error:
        raise bad_request(str(error)) from None
    return LabelSelector(tuple(sorted(found, key=lambda r: r.key)))


_END = ""
_SYMBOLS = "()=!,><"
_OPERATORS = {"=", "==", "!=", "in", "notin", ">", "<"}
_OPERATOR_NAMES = {">": "gt", "<": "lt"}
_NOT_IDENTIFIERS = {_END, "(", ")", ",", "!", "=", "==", "!=", ">", "<"}


def _tokens(text: str) -> Iterator[str]:
    """Symbols and words of a label selector; unknown symbol pairs come as they are."""
    at = 0
    while at < len(text):
        start = at
        if text[at].isspace():
            at += 1
            continue
        if text[at] in _SYMBOLS:
            at += 2 if text[at : at + 2] in ("==", "!=") else 1
        else:
            while (
                at < len(text) and not text[at].isspace() and text[at] not in (_SYMBOLS)
            ):
                at += 1
        yield text[start:at]


class _LabelParser:
    def __init__(self, text: str) -> None:
        self._left = [*_tokens(text)][::-1]

    def _peek(self) -> str:
        return self._left[-1] if self._left else _END

    def _take(self) -> str:
        return self._left.pop() if self._left else _END

    def requirements(self) -> Iterator[Requirement]:
        if self._peek() == _END:
            return
        if self._peek() in _NOT_IDENTIFIERS - {"!"}:
            expected = "!, identifier, or 'end of string'"
            raise ValueError(f"found '{self._peek()}', expected: {expected}")
        while True:
            try:
                yield self._requirement()
            except ValueError as error:
                raise ValueError(f"unable to parse requirement: {error}") from None
            after = self._take()
            if after == _END:
                return
            if after != ",":
                raise ValueError(f"found '{after}', expected: ',' or 'end of string'")
            if self._peek() in _NOT_IDENTIFIERS - {"!"}:
                raise ValueError(
                    f"found '{self._peek()}', expected: identifier after ','"
                )

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._take()
        key = self._take()
        if key in _NOT_IDENTIFIERS:
            raise ValueError(f"found '{key}', expected: identifier")
        _refuse("<nil>", key, names.qualified(key))
        if absent or self._peek() in (_END, ","):
            return Requirement(key, "!" if absent else "exists")
        operator = self._take()
        if operator not in _OPERATORS:
            expected = "in, notin, =, ==, !=, gt, lt"
            raise ValueError(f"found '{operator}', expected: {expected}")
        operator = _OPERATOR_NAMES.get(operator, operator)
        is_set = operator in ("in", "notin")
        values = self._values() if is_set else (self._exact_value(),)
        return _checked(Requirement(key, operator, tuple(sorted(set(values)))))

    def _exact_value(self) -> str:
        if self._peek() in (_END, ","):
            return ""
        value = self._take()
        if value in _NOT_IDENTIFIERS:
            raise ValueError(f"found '{value}', expected: identifier")
        return value

    def _values(self) -> tuple[str, ...]:
        """`(x,y)`; a place left empty is the empty value."""
        opening = self._take()
        if opening != "(":
            raise ValueError(f"found '{opening}' expected: '('")
        values: list[str] = []
        while True:
            values.append("" if self._peek() in (",", ")") else self._listed())
            after = self._take()
            if after == ")":
                return tuple(values)
            if after != ",":
                raise ValueError(f"found '{after}', expected: ',' or ')'")

    def _listed(self) -> str:
        value = self._take()
        if value in _NOT_IDENTIFIERS:
            raise ValueError(f"found '{value}', expected: ',', ')' or identifier")
        return value


def _checked(requirement: Requirement) -> Requirement:
    for place, value in enumerate(requirement.values):
        path = f"values[{place}]"
        if requirement.operator in ("gt", "lt") and _integer(value) is None:
            detail = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise ValueError(str(invalid(path, value, detail)))
        _refuse(f"{path}[{requirement.key}]", value, names.label_value(value))
    return requirement


def _refuse(path: str, value: str, wrong: list[str]) -> None:
    if wrong:
        error: FieldError = invalid(path, value, "; ".join(wrong))
        raise ValueError(str(error))


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


# -- fields


@dataclass(frozen=True)
class FieldTerm:
    path: str
    value: str
    negated: bool = False

    def matches(self, found: FieldValue) -> bool:
        several = found if isinstance(found, tuple) else (found,)
        return (self.value in several) is not self.negated

    def __str__(self) -> str:
        value = self.value
        for special in ("\\", ",", "="):
            value = value.replace(special, f"\\{special}")
        return f"{self.path}{'!=' if self.negated else '='}{value}"


@dataclass(frozen=True)
class FieldSelector:
    """All terms together; none at all matches everything."""

    terms: tuple[FieldTerm, ...] = ()

    def matches(self, value_of: Callable[[str], FieldValue]) -> bool:
        """Whether an object matches whose field at a path is `value_of(path)`."""
        return all(t.matches(value_of(t.path)) for t in self.terms)

    def exact(self, path: str) -> str | None:
        """The value that the field at `path` must have, if the selector says so."""
        asked = (t.value for t in self.terms if t.path == path and not t.negated)
        return next(asked, None)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return ",".join(str(t) for t in self.terms)


def parse_fields(text: str | None, allowed: frozenset[str]) -> FieldSelector:
    """The selector that `text` spells, over `allowed` paths. Raises ApiError 400."""
    text = text or ""
    terms = [_field_term(part, text) for part in sorted(_split_terms(text)) if part]
    for term in terms:
        if term.path not in allowed:
            raise bad_request(f"field label not supported: {term.path}")
    return FieldSelector(tuple(terms))


def _split_terms(text: str) -> Iterator[str]:
    """Parts between commas that no backslash hides."""
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == ",":
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _field_term(part: str, whole: str) -> FieldTerm:
    at = part.find("=")
    negated = at > 0 and part[at - 1] == "!"
    path = part[: at - 1] if negated else part[:at]
    if at < 0 or not path:
        problem = f"invalid selector: '{whole}'; can't understand '{part}'"
        raise bad_request(problem)
    value = part[at + 1 :]
    if not negated:
        value = value.removeprefix("=")
    return FieldTerm(path, _unescaped(value), negated)


def _unescaped(value: str) -> str:
    letters = iter(value)
    plain = []
    for letter in letters:
        if letter == "\\":
            hidden = next(letters, "")
            if hidden not in ("\\", ",", "="):
                problem = f"invalid escape sequence: \\{hidden}"
                raise bad_request(f"invalid field selector: {problem}")
            plain.append(hidden)
        elif letter in (",", "="):
            problem = f"unescaped character in value: {letter}"
            raise bad_request(f"invalid field selector: {problem}")
        else:
            plain.append(letter)
    return "".join(plain)


def without(selector: FieldSelector, path: str) -> FieldSelector:
    """`selector` less its terms about `path`, when an index has seen to those."""
    kept = tuple(t for t in selector.terms if t.path != path)
    return replace(selector, terms=kept)
