"""One run of the command: which server, as whom, in which namespace, how it went.

Rules
- Nothing is read or connected before a verb needs it, so that help is fast.
- Errors of single objects are told at once and remembered for the exit code; the other
  objects are still worked on, as kubectl does.
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
    """What the options of the command line select."""

    def __init__(self) -> None:
        self.kubeconfig = ""
        self.context = ""
        self.server = ""
        self.token = ""
        self.namespace_option = ""
        #: The exit code so far; it never falls back to 0.
        self.exit_code = 0

    @cached_property
    def access(self) -> "Access":
        from supervisor.client.kubeconfig import Access, KubeconfigError, load

        path = self.kubeconfig_path()
        if path is None and self.server:
            found = Access(self.server)
        elif path is None:
            raise Failure(
                f"no kubeconfig found: looked at {', '.join(_places())}",
                "start the daemon (`supervisor daemon`), which writes one into its "
                "state directory, or name one with --kubeconfig",
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
            raise Failure(f"the kubeconfig's certificates: {error}") from error

    @cached_property
    def catalog(self) -> "Catalog":
        from supervisor.cli.discovery import fetch

        return fetch(self.client.connection)

    @property
    def namespace(self) -> str:
        """The namespace to work in: the option's, else the context's."""
        return self.namespace_option or self.access.namespace

    def namespace_of(self, resource: "Resource") -> str:
        """The namespace for `resource`; none for cluster-scoped ones."""
        return self.namespace if resource.namespaced else ""

    def kubeconfig_path(self) -> Path | None:
        """The file that is used: the one that is named, else the first readable."""
        if self.kubeconfig:
            return Path(self.kubeconfig).expanduser()
        named = [p for p in os.environ.get("KUBECONFIG", "").split(":") if p]
        found = [Path(p) for p in _places() if os.access(p, os.R_OK)]
        if named and not found:
            return Path(named[0])
        return found[0] if found else None

    def fail(self, error: "ApiError | Failure", doing: str = "") -> None:
        """Tell of an error that concerns one object, and go on."""
        from supervisor.cli.explain import explain

        text, hint = explain(error, doing)
        say(text)
        if hint:
            say(f"hint: {hint}")
        code = error.code if isinstance(error, Failure) else 1
        self.exit_code = self.exit_code or code

    def warn(self, texts: "list[str]") -> None:
        for text in texts:
            say(f"Warning: {text}")


def state_directories() -> list[Path]:
    """Where daemons keep their state unless told otherwise: root's, and the user's."""
    own = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return [Path("/var/lib/supervisor"), Path(own) / "supervisor"]


def say(text: str) -> None:
    """A line for the user that is no output: to stderr, after what was printed."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


def _places() -> list[str]:
    named = [p for p in os.environ.get("KUBECONFIG", "").split(":") if p]
    if named:
        return named
    places = [folder / "kubeconfig" for folder in state_directories()]
    return [str(place) for place in [*places, Path.home() / ".kube" / "config"]]
