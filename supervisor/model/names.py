"""Which texts may name things, and what upstream says of those that may not.

Each check returns what is wrong, in upstream's words; nothing means that it is fine.

Follows apimachinery/pkg/util/validation/validation.go.
"""

import ipaddress
import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_PATH_SEGMENT = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_DOMAIN_PREFIXED = rf"{_SUBDOMAIN}\/{_PATH_SEGMENT}"
_HTTP_HEADER = "[-A-Za-z0-9]+"
_CONFIG_KEY = r"[-._a-zA-Z0-9]+"
_PORT_CHARACTERS = "[-a-z0-9]+"

_LABEL_MESSAGE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
    "'-', and must start and end with an alphanumeric character"
)
_SUBDOMAIN_MESSAGE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
    "characters, '-' or '.', and must start and end with an alphanumeric character"
)
_DNS1035_MESSAGE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_QUALIFIED_MESSAGE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character"
)
_LABEL_VALUE_MESSAGE = (
    "a valid label must be an empty string or consist of alphanumeric characters, "
    "'-', '_' or '.', and must start and end with an alphanumeric character"
)
_HEADER_MESSAGE = "a valid HTTP header must consist of alphanumeric characters or '-'"
_CONFIG_KEY_MESSAGE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
)

NO_MORE_THAN = "must be no more than {} characters"


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _regex_error(message: str, pattern: str, *examples: str) -> str:
    """Upstream's sentence; its odd two spaces after a comma are real."""
    if not examples:
        return f"{message} (regex used for validation is '{pattern}')"
    listed = " or ".join(f"'{e}', " for e in examples)
    return f"{message} (e.g. {listed}regex used for validation is '{pattern}')"


def dns_label(text: str) -> list[str]:
    """RFC 1123: containers, volumes, namespaces."""
    found = [NO_MORE_THAN.format(63)] if len(text) > 63 else []
    if not _matches(_LABEL, text):
        if _matches(_SUBDOMAIN, text):
            found.append("must not contain dots")
        else:
            found.append(_regex_error(_LABEL_MESSAGE, _LABEL, "my-name", "123-abc"))
    return found


def dns_subdomain(text: str) -> list[str]:
    """RFC 1123: pods, nodes and most other objects."""
    found = [NO_MORE_THAN.format(253)] if len(text) > 253 else []
    if not _matches(_SUBDOMAIN, text):
        found.append(_regex_error(_SUBDOMAIN_MESSAGE, _SUBDOMAIN, "example.com"))
    return found


def dns1035_label(text: str) -> list[str]:
    """Services: as a DNS label, and beginning with a letter."""
    found = [NO_MORE_THAN.format(63)] if len(text) > 63 else []
    if not _matches(_DNS1035, text):
        found.append(_regex_error(_DNS1035_MESSAGE, _DNS1035, "my-name", "abc-123"))
    return found


def path_segment(text: str) -> list[str]:
    """What may stand as one part of a URL's path: the laxest of names."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{c}'" for c in "/%" if c in text]


def qualified(text: str) -> list[str]:
    """Keys of labels and annotations: a name, perhaps behind a domain and a slash."""
    parts = text.split("/")
    if len(parts) > 2:
        example = _regex_error(
            _QUALIFIED_MESSAGE, _QUALIFIED, "MyName", "my.name", "123-abc"
        )
        return [
            f"a qualified name {example} with an optional DNS subdomain prefix and "
            "'/' (e.g. 'example.com/MyName')"
        ]
    found = []
    if len(parts) == 2:
        if not parts[0]:
            found.append("prefix part must be non-empty")
        else:
            found += [f"prefix part {e}" for e in dns_subdomain(parts[0])]
    return found + [f"name part {e}" for e in _qualified_name(parts[-1])]


def _qualified_name(name: str) -> list[str]:
    found = [] if name else ["must be non-empty"]
    if len(name) > 63:
        found.append(NO_MORE_THAN.format(63))
    if not _matches(_QUALIFIED, name):
        examples = ("MyName", "my.name", "123-abc")
        found.append(_regex_error(_QUALIFIED_MESSAGE, _QUALIFIED, *examples))
    return found


def label_value(text: str) -> list[str]:
    found = [NO_MORE_THAN.format(63)] if len(text) > 63 else []
    if not _matches(_LABEL_VALUE, text):
        examples = ("MyValue", "my_value", "12345")
        found.append(_regex_error(_LABEL_VALUE_MESSAGE, _LABEL_VALUE, *examples))
    return found


def port_name(text: str) -> list[str]:
    """A name of a port, after the IANA's rules for services."""
    found = ["must be no more than 15 characters"] if len(text) > 15 else []
    if not _matches(_PORT_CHARACTERS, text):
        found.append(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
        )
    if not re.search("[a-z]", text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def port_number(number: int) -> list[str]:
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def env_name(text: str) -> list[str]:
    """An environment variable: printable ASCII without `=`."""
    if not text:
        return ["environment variable name must be non-empty"]
    if not all(" " <= c <= "~" and c != "=" for c in text):
        return [
            "a valid environment variable name must consist only of printable ASCII "
            "characters other than '='"
        ]
    return []


def http_header(text: str) -> list[str]:
    if _matches(_HTTP_HEADER, text):
        return []
    return [_regex_error(_HEADER_MESSAGE, _HTTP_HEADER, "X-Header-Name")]


def config_key(text: str) -> list[str]:
    """A key in a ConfigMap or a Secret: it may become a file's name."""
    found = [NO_MORE_THAN.format(253)] if len(text) > 253 else []
    if not _matches(_CONFIG_KEY, text):
        examples = ("key.name", "KEY_NAME", "key-name")
        found.append(_regex_error(_CONFIG_KEY_MESSAGE, _CONFIG_KEY, *examples))
    if text == ".":
        found.append("must not be '.'")
    elif text == "..":
        found.append("must not be '..'")
    elif text.startswith(".."):
        found.append("must not start with '..'")
    return found


def domain_prefixed_path(text: str) -> list[str]:
    """`acme.io/foo`, as new finalizers should look."""
    domain, slash, path = text.partition("/")
    if not slash or not domain or not path:
        return ['must be a domain-prefixed path (such as "acme.io/foo")']
    if found := dns_subdomain(domain):
        return found
    if not _matches(_PATH_SEGMENT, path):
        return [_regex_error("Invalid path", _PATH_SEGMENT)]
    return []


def ip(text: str) -> list[str]:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    return []
