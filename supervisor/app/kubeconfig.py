"""The kubeconfig by which kubectl, and our own command, reach the daemon.

Rules
- The token is random, made once, and kept over restarts, so that copies stay good.
- Both files can be read by their owner only.
"""

import base64
import json
import logging
import re
import secrets
from pathlib import Path

from supervisor.machinery import private_files

_TOKEN_BYTES = 32
_log = logging.getLogger(__name__)
_MIN_TOKEN_LETTERS = 16
#: Letters that mean nothing to YAML inside a word, and a word that is no number.
_BARE = re.compile(r"[A-Za-z0-9_-][\w./-]*(:[\w./-]+)*", re.ASCII)
_NO_NUMBER = re.compile(r"[g-np-wyzG-NP-WYZ]")

_TEMPLATE = """\
apiVersion: v1
kind: Config
clusters:
- name: supervisor
  cluster:
    server: {server}
    certificate-authority-data: {authority}
users:
- name: supervisor
  user:
    token: {token}
contexts:
- name: supervisor
  context:
    cluster: supervisor
    user: supervisor
current-context: supervisor
"""


def token(directory: Path) -> str:
    """The bearer token, from `directory`/token, made when missing.

    Raises ValueError when the file holds something too short to be one.
    """
    path = directory / "token"
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        made = secrets.token_urlsafe(_TOKEN_BYTES)
        try:
            private_files.write(path, f"{made}\n".encode())
        except OSError as error:
            _log.error("%s: not written, good for this run only: %s", path, error)
        return made
    if len(kept) < _MIN_TOKEN_LETTERS or not kept.isascii() or " " in kept:
        raise ValueError(
            f"{path} holds no token: at least {_MIN_TOKEN_LETTERS} letters without "
            "spaces are needed; remove the file to have one made"
        )
    return kept


def write(path: Path, *, server: str, authority: Path, token: str) -> None:
    """Write a kubeconfig for `server`, an https URL, trusting `authority`.

    Nothing is written if it stands there already. If it cannot be written, that is told
    in the log: containers matter more than how people reach us.
    """
    text = _TEMPLATE.format(
        server=_scalar(server),
        authority=base64.b64encode(authority.read_bytes()).decode(),
        token=_scalar(token),
    )
    try:
        if not path.exists() or path.read_bytes() != text.encode():
            private_files.write(path, text.encode())
    except OSError as error:
        _log.error("%s: not written: %s", path, error.strerror)


def _scalar(text: str) -> str:
    """A string in YAML: bare, as kubectl writes it and as scripts look for it, if it

    can be nothing else; otherwise in quotes (JSON's strings are YAML's).
    """
    bare = _BARE.fullmatch(text) and _NO_NUMBER.search(text)
    return text if bare else json.dumps(text)
