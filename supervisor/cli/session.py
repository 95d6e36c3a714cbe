"""State of one run of the command: server, credentials, namespace and exit code.

Rules
- Nothing is read or connected before it is needed, so that `--help` is fast.
- An error that concerns one object is printed immediately and sets the exit code; the
  command continues with the other objects, as kubectl does.
"""

import os
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from supervisor.cli.failure import Failure

if TYPE_CHECKING:
    from supervisor.cli.discovery import Catalog, Resource
    from supervisor.client.kubeconfig import Access
    from supervisor.client.rest import RestClient
    from supervisor.model.errors import ApiError


class Session:
    """The options for connection and namespace, and what they resolve to.

    `access`, `client` and `catalog` are computed on first use and raise Failure.
    """

    def __init__(self) -> None:
        self.kubeconfig = ""
        self.context = ""
        self.server = ""
        self.token = ""
        self.namespace_option = ""
        #: The exit code so far; never reset to 0.
        self.exit_code = 0

    @cached_property
    def access(self) -> "Access":
        from supervisor.client.kubeconfig import Access, KubeconfigError, load

        path = self.kubeconfig_path()
        if path is None and self.server:
            found = Access(self.server)
        elif path is None:
            raise Failure(
                f"no kubeconfig found, tried {', '.join(_kubeconfig_candidates())}",
                "start the daemon (`supervisor daemon`), which writes one to its state "
                "directory, or specify one with --kubeconfig",
            )
        else:
            try:
                found = load(path, self.context)
            except KubeconfigError as error:
                raise Failure(str(error)) from error
        return replace(
            found,
            server=self.server or found.server,
            token=self.token or found.token,
        )

    @cached_property
    def client(self) -> "RestClient":
        from supervisor.client.rest import from_access

        try:
            return from_access(self.access)
        except (OSError, ValueError) as error:
            raise Failure(
                f"cannot use the certificates of the kubeconfig: {error}"
            ) from error

    @cached_property
    def catalog(self) -> "Catalog":
        from supervisor.cli.discovery import fetch

        return fetch(self.client.connection)

    @property
    def namespace(self) -> str:
        """The namespace of the option, or else of the kubeconfig's context."""
        return self.namespace_option or self.access.namespace

    def namespace_of(self, resource: "Resource") -> str:
        """The namespace for `resource`; empty for cluster-scoped resources."""
        return self.namespace if resource.namespaced else ""

    def kubeconfig_path(self) -> Path | None:
        """The kubeconfig to use: the specified one, or else the first readable one."""
        if self.kubeconfig:
            return Path(self.kubeconfig).expanduser()
        named = [p for p in os.environ.get("KUBECONFIG", "").split(":") if p]
        found = [Path(p) for p in _kubeconfig_candidates() if os.access(p, os.R_OK)]
        if named and not found:
            return Path(named[0])
        return found[0] if found else None

    def fail(self, error: "ApiError | Failure", doing: str = "") -> None:
        """Print an error that concerns one object, and set the exit code.

        `doing` is a prefix with step and file, see `explain`.
        """
        from supervisor.cli.explain import explain

        text, hint = explain(error, doing)
        print_stderr(text)
        if hint:
            print_stderr(f"hint: {hint}")
        code = error.code if isinstance(error, Failure) else 1
        self.exit_code = self.exit_code or code

    def warn(self, texts: "list[str]") -> None:
        for text in texts:
            print_stderr(f"Warning: {text}")


def state_directories() -> list[Path]:
    """The default state directories of a daemon run by root and by the user."""
    own = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return [Path("/var/lib/supervisor"), Path(own) / "supervisor"]


def print_stderr(text: str) -> None:
    """Print a line to stderr, after flushing stdout."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


def _kubeconfig_candidates() -> list[str]:
    named = [p for p in os.environ.get("KUBECONFIG", "").split(":") if p]
    if named:
        return named
    candidates = [folder / "kubeconfig" for folder in state_directories()]
    return [str(path) for path in [*candidates, Path.home() / ".kube" / "config"]]
