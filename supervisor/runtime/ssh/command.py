"""The command line of ssh, and the meaning of its messages.

Rules
- The user's own configuration applies (names, users, keys, jump hosts). Options that
  would keep a connection from working unattended are overridden on the command line.
- The output of ssh is reduced to the one line that says what is wrong.
"""

import re
from dataclasses import dataclass
from enum import Enum

from supervisor.model.endpoint import Endpoint

_OPTIONS = {
    # There is nobody to answer prompts.
    "BatchMode": "yes",
    "ConnectTimeout": "10",
    # A host that does not answer is given up after six seconds.
    "ServerAliveInterval": "2",
    "ServerAliveCountMax": "3",
    # We request connections through this socket.
    "ControlMaster": "yes",
    "ControlPersist": "no",
    # The user's configuration of sessions with this host does not apply to us.
    "ClearAllForwardings": "yes",
    "ForkAfterAuthentication": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "Tunnel": "no",
    "StreamLocalBindUnlink": "yes",
    "StreamLocalBindMask": "0177",
    # Reports why a connection failed.
    "LogLevel": "INFO",
}


@dataclass(frozen=True)
class SshHost:
    """`config` is a file that replaces the user's and the system's configuration."""

    endpoint: Endpoint
    config: str = ""

    @property
    def title(self) -> str:
        where = self.endpoint
        user = f"{where.user}@" if where.user else ""
        return f"{user}{where.host}" + (f":{where.port}" if where.port else "")

    def command(self, control_path: str) -> list[str]:
        where = self.endpoint
        words = ["ssh", "-N", "-T"]
        if self.config:
            words += ["-F", self.config]
        options = _OPTIONS | {"ControlPath": control_path.replace("%", "%%")}
        for name, value in options.items():
            words += ["-o", f"{name}={value}"]
        if where.port:
            words += ["-p", str(where.port)]
        if where.user:
            words += ["-l", where.user]
        return [*words, "--", where.host]


class Trouble(Enum):
    """The kind of a failure."""

    AWAY = "away"
    """Retried soon."""
    REFUSED = "refused"
    """Needs a change by a person; frequent retries might get us locked out."""


_HINTS = (
    (
        # Printed by child_main.py.
        "ssh: No such file or directory",
        "the program ssh is missing where the supervisor runs: install OpenSSH's "
        "client (Debian's openssh-client)",
    ),
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the host's key is not the one that is known (Host key verification failed): "
        "if that is expected, remove the old one with ssh-keygen -R",
    ),
    (
        "Host key verification failed",
        "the host's key is not known (Host key verification failed): connect to it "
        "once by hand, as the user that the supervisor runs as",
    ),
    ("Permission denied (", ""),
    ("Too many authentication failures", ""),
)
_NOISE = re.compile(
    r"^(\s*$|Warning: |debug\d|@@@|\*\* |mux_|channel \d+: |"
    r"Connection to \S+ closed\.$|Killed by signal)"
)
_PREFIX = re.compile(r"^(ssh: |\S+@\S+: )")
_NOT_OPENED = re.compile(r"^channel \d+: open failed: (.*)$")
_FORBIDDEN = "administratively prohibited"


def explain(said: list[str], ended_well: bool) -> tuple[Trouble, str]:
    """The kind and the reason of a failure, from the lines that ssh has written."""
    text = "\n".join(said)
    lines = [line.strip() for line in said if not _NOISE.match(line)]
    last = _PREFIX.sub("", lines[-1]) if lines else ""
    for mark, hint in _HINTS:
        if mark in text:
            return Trouble.REFUSED, hint or last.rstrip(".")
    ended = "the connection was closed" if ended_well else "ssh ended without a message"
    return Trouble.AWAY, last.rstrip(".") or ended


def not_opened(line: str) -> str:
    """The reason if the line reports that a connection through ssh failed."""
    found = _NOT_OPENED.match(line.strip())
    return found[1] if found else ""


def is_forbidden(reason: str) -> bool:
    """Whether the server forbids such connections altogether."""
    return _FORBIDDEN in reason
