"""The kubeconfig by which kubectl, and our own command, reach the daemon.

Rules
- The token is random, made once, and kept over restarts, so that copies stay good.
- Both files can be read by their owner only.
"""

import base64
import json
import secrets
from pathlib import Path

from supervisor.app import private_files

_TOKEN_BYTES = 32
_LEAST_TOKEN_LETTERS = 16

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
        private_files.write(path, f"{made}\n".encode())
        return made
    if len(kept) < _LEAST_TOKEN_LETTERS or not kept.isascii() or " " in kept:
        raise ValueError(
            f"{path} holds no token: at least {_LEAST_TOKEN_LETTERS} letters without "
            "spaces are needed; remove the file to have one made"
        )
    return kept


def write(path: Path, *, server: str, authority: Path, token: str) -> None:
    """Write a kubeconfig for `server`, an https URL, trusting `authority`."""
    text = _TEMPLATE.format(
        # JSON's strings are YAML's.
        server=json.dumps(server),
        authority=base64.b64encode(authority.read_bytes()).decode(),
        token=json.dumps(token),
    )
    private_files.write(path, text.encode())
