"""Label and field selectors say what kubectl's mean, and refuse what it refuses."""

import pytest

from supervisor.model import selectors
from supervisor.model.errors import ApiError

FIELDS = frozenset({"metadata.name", "status.phase"})
POD = {"app": "kubia", "rel": "beta", "n": "5"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=kubia", True),
        ("app==kubia", True),
        ("app=other", False),
        ("app!=kubia", False),
        ("missing!=x", True),
        ("app", True),
        ("missing", False),
        ("!app", False),
        ("! missing", True),
        ("app in (kubia, other)", True),
        ("app in (other)", False),
        ("missing in (x)", False),
        ("app notin (other)", True),
        ("missing notin (x)", True),
        ("app notin (kubia)", False),
        ("missing in (,x)", False),
        ("app in ()", False),
        ("app notin ()", True),
        ("n>4,n<6", True),
        ("n>5", False),
        ("app>1", False),
        ("app=kubia,rel=beta", True),
        (" app = kubia , rel != alpha ", True),
        ("app=kubia,rel=alpha", False),
        ("app=", False),
    ],
)
def test_label_selector_matches_as_kubernetes_does(text: str, matches: bool) -> None:
    """Requirements all hold; unequal also holds where the label is absent."""
    assert selectors.parse_labels(text).matches(POD) is matches


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("b=2, a=1", "a=1,b=2"),
        ("x in (q,,p)", "x in (,p,q)"),
        ("x notin (b,a)", "x notin (a,b)"),
        ("! a", "!a"),
        ("a>5", "a>5"),
        ("a<5", "a<5"),
        ("a", "a"),
        ("a!=", "a!="),
    ],
)
def test_label_selector_is_written_in_order(text: str, canonical: str) -> None:
    """A selector's text is canonical, and means the same when read again."""
    selector = selectors.parse_labels(text)

    assert str(selector) == canonical
    assert selectors.parse_labels(canonical) == selector


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, ="),
        ("a in x", "unable to parse requirement: found 'x' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '='"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
        ("!(", "unable to parse requirement: found '(', expected: identifier"),
        ("a>b", "for 'Gt', 'Lt' operators, the value must be an integer"),
        ("-a=b", 'unable to parse requirement: <nil>: Invalid value: "-a": name part'),
        ("a=-b", 'values[0][a]: Invalid value: "-b": a valid label must be'),
    ],
)
def test_bad_label_selector_is_refused_with_400(text: str, complaint: str) -> None:
    """A selector that cannot be read is the client's mistake, and says where."""
    with pytest.raises(ApiError) as refused:
        selectors.parse_labels(text)

    assert refused.value.code == 400
    assert complaint in refused.value.message


def test_selector_from_a_map_wants_all_of_it() -> None:
    """The selector of a ReplicationController matches pods with all its labels."""
    selector = selectors.from_map({"rel": "beta", "app": "kubia"})

    assert str(selector) == "app=kubia,rel=beta"
    assert selector.matches(POD)
    assert not selector.matches({"app": "kubia"})
    assert not selector.matches(None)
    assert not selectors.from_map({})


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("metadata.name=web", True),
        ("metadata.name==web", True),
        ("metadata.name!=web", False),
        ("status.phase!=Failed,status.phase!=Succeeded", True),
        ("metadata.name=web,status.phase=Pending", False),
        (",metadata.name=web,", True),
    ],
)
def test_field_selector_compares_fields(text: str, matches: bool) -> None:
    """Terms all hold of the fields that they name."""
    pod = {"metadata.name": "web", "status.phase": "Running"}

    selector = selectors.parse_fields(text, FIELDS)

    assert selector.matches(lambda path: pod[path]) is matches


def test_field_with_several_values_matches_by_any_of_them() -> None:
    """An object of two owners is found by either."""
    selector = selectors.parse_fields("o=b", frozenset({"o"}))

    assert selector.matches(lambda _path: ("a", "b"))
    assert not selector.matches(lambda _path: ("a",))


def test_exact_value_is_told_for_an_index() -> None:
    """Only an equality fixes a field's value."""
    selector = selectors.parse_fields("metadata.name=web,status.phase!=x", FIELDS)

    assert selector.exact("metadata.name") == "web"
    assert selector.exact("status.phase") is None
    assert str(selectors.without(selector, "metadata.name")) == "status.phase!=x"


def test_escaped_characters_are_part_of_the_value() -> None:
    """Backslashes hide commas and equality signs, also when written again."""
    selector = selectors.parse_fields(r"metadata.name=a\,b\=c\\", FIELDS)

    assert selector.exact("metadata.name") == r"a,b=c" + "\\"
    assert str(selector) == r"metadata.name=a\,b\=c\\"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("spec.color=red", "field label not supported: spec.color"),
        ("status.phase", "can't understand 'status.phase'"),
        ("=x", "can't understand '=x'"),
        (r"status.phase=a\b", r"invalid escape sequence: \b"),
        ("status.phase=a=b", "unescaped character in value: ="),
    ],
)
def test_bad_field_selector_is_refused_with_400(text: str, complaint: str) -> None:
    """Unknown fields and bad syntax are the client's mistake."""
    with pytest.raises(ApiError) as refused:
        selectors.parse_fields(text, FIELDS)

    assert refused.value.code == 400
    assert complaint in refused.value.message
