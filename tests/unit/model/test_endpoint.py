"""Addresses of Docker engines: what is one, and what is said of what is none."""

import pytest

from supervisor.model.endpoint import Endpoint, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix:///var/run/docker.sock", Endpoint("unix", path="/var/run/docker.sock")),
        ("tcp://10.0.0.3:2376", Endpoint("tcp", "10.0.0.3", 2376)),
        ("tcp://host_3.example.com:2376/", Endpoint("tcp", "host_3.example.com", 2376)),
        ("tcp://[fd00::3]:2376", Endpoint("tcp", "fd00::3", 2376)),
        ("ssh://host", Endpoint("ssh", "host", path="/var/run/docker.sock")),
        (
            "ssh://root@host:2222/run/user/0/docker.sock",
            Endpoint("ssh", "host", 2222, "root", "/run/user/0/docker.sock"),
        ),
    ],
)
def test_three_forms_are_understood(text: str, expected: Endpoint) -> None:
    """A socket of this machine, a port, and a socket behind ssh."""
    found = parse(text)

    assert (found.scheme, found.host, found.port) == (
        expected.scheme,
        expected.host,
        expected.port,
    )
    assert found.user == expected.user
    assert found.path.rstrip("/") == expected.path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("host:2376", ""),
        ("http://host:2376", ""),
        ("unix:/var/run/docker.sock", ""),
        ("unix://run/docker.sock", "must be absolute: unix:///run/docker.sock"),
        ("unix:///", "the path is missing"),
        ("tcp://host", "the port is missing: 2376 is usual with TLS"),
        ("tcp://host:0", "the port is missing"),
        ("tcp://host:70000", "Port out of range"),
        ("tcp://:2376", "the host is missing"),
        ("tcp://host:2376/v1.41", "a path has no place in it"),
        ("tcp://root@host:2376", "a user has no place in it"),
        ("ssh://root:secret@host", "a password has no place in it"),
        ("ssh://-oProxyCommand=x", "'-oproxycommand=x' is no host"),
        ("ssh://-l@host", "'-l' is no user"),
        ("ssh://host/x?y=1", "nothing may follow it"),
        ("tcp://ho st:1", "it has blanks in it"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    """What is allowed is said too; nothing can pass for an option of ssh."""
    with pytest.raises(ValueError) as caught:
        parse(text)

    assert str(caught.value).startswith("must be unix:///PATH, tcp://HOST:PORT or ssh")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "word",
    [
        "$(id)",
        "`id`",
        "a;b",
        "a|b",
        "a&b",
        "a%68",
        "a%h",
        "'a'",
        "a\\b",
        "a*",
        "~a",
        "a=b",
    ],
)
def test_nothing_that_ssh_or_a_shell_could_misread_is_a_user_or_a_host(
    word: str,
) -> None:
    """Both become words of commands that stand in a configuration of ssh."""
    for text in (f"ssh://{word}@host", f"ssh://root@{word}", f"ssh://x{word}@host"):
        with pytest.raises(ValueError):
            parse(text)


@pytest.mark.parametrize(
    "user", ["root", "_apt", "build.bot", "a-b", "me@corp.example"]
)
def test_usual_users_are_taken(user: str) -> None:
    """As they stand."""
    assert parse(f"ssh://{user}@host").user == user
