"""How ssh is called, and what its words mean."""

import pytest

from supervisor.model.endpoint import parse
from supervisor.runtime.ssh.command import (
    SshHost,
    Trouble,
    explain,
    is_forbidden,
    not_opened,
)

CHANGED = [
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
    "Host key verification failed.",
]


def test_everything_in_an_address_is_told_to_ssh() -> None:
    """User and port as options, and the host where no option can be any more."""
    command = SshHost(parse("ssh://me@host:2222"), "/cfg").command("/run/c")

    assert command[:5] == ["ssh", "-N", "-T", "-F", "/cfg"]
    assert command[-6:] == ["-p", "2222", "-l", "me", "--", "host"]
    assert "ControlPath=/run/c" in command


def test_what_is_not_in_an_address_is_the_users_configuration() -> None:
    """No user, no port and no file are named."""
    command = SshHost(parse("ssh://host")).command("/run/c")

    assert not {"-p", "-l", "-F"} & set(command)
    assert SshHost(parse("ssh://host")).title == "host"


def test_a_percent_sign_in_the_path_is_no_token() -> None:
    """ssh replaces such tokens in the path of its socket."""
    assert "ControlPath=/a%%h" in SshHost(parse("ssh://host")).command("/a%h")


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        (
            ["Warning: Permanently added", "me@h: Permission denied (publickey)."],
            Trouble.REFUSED,
            "Permission denied (publickey)",
        ),
        (["Host key verification failed."], Trouble.REFUSED, "key is not known"),
        (CHANGED, Trouble.REFUSED, "not the one that is known"),
        (
            ["ssh: connect to host h port 22: Connection refused"],
            Trouble.AWAY,
            "connect to host h port 22: Connection refused",
        ),
        (
            ["ssh: Could not resolve hostname h: Name or service not known"],
            Trouble.AWAY,
            "Could not resolve hostname h: Name or service not known",
        ),
        (
            ["channel 2: open failed: connect failed: x", "Timeout, server h gone."],
            Trouble.AWAY,
            "Timeout, server h gone",
        ),
        ([], Trouble.AWAY, "ssh ended without a message"),
    ],
)
def test_the_reason_is_the_line_that_says_it(
    said: list[str], kind: Trouble, text: str
) -> None:
    """Noise is left out; what somebody has to change is told apart."""
    found, reason = explain(said, ended_well=False)

    assert found is kind
    assert text in reason


def test_the_reason_of_a_connection_that_was_not_made() -> None:
    """The server's refusal of all of them is told from that of one port."""
    refused = not_opened("channel 4: open failed: connect failed: Connection refused\r")
    forbidden = not_opened(
        "channel 4: open failed: administratively prohibited: open failed"
    )

    assert refused == "connect failed: Connection refused"
    assert is_forbidden(forbidden) and not is_forbidden(refused)
    assert not_opened("Connection to h closed.") == ""
