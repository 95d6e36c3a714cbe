"""What the command loads: a verb pays for itself, and for no other part of the system.

The time that it takes is measured by the benchmarks, not asserted here.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.api_server import serving

_RUN = """\
import sys
from supervisor.__main__ import root
from supervisor.cli.session import Session
root.main(sys.argv[1:], standalone_mode=False, obj=Session())
print("LOADED", *sorted(sys.modules), file=sys.stderr)
"""
#: What no reading verb has a use for.
_HEAVY = {"docker", "starlette", "uvicorn", "apscheduler", "sqlite3", "rich", "grpc"}
_PARTS_OF_THE_DAEMON = (
    "supervisor.agent",
    "supervisor.api",
    "supervisor.app",
    "supervisor.controllers",
    "supervisor.kinds",
    "supervisor.probing",
    "supervisor.runtime",
    "supervisor.store",
)


def loaded(*words: str, kubeconfig: Path | None = None) -> set[str]:
    """The modules that a run of the command has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"KUBECONFIG": str(kubeconfig or "/nowhere")},
    )
    [line] = [x for x in done.stderr.splitlines() if x.startswith("LOADED ")]
    return set(line.split()[1:])


#: The names of kinds, which cost nothing.
_NAMES = {"supervisor.kinds", "supervisor.kinds.identity"}


def ours(modules: set[str]) -> set[str]:
    return {m for m in modules if m.startswith("supervisor.")}


def test_help_loads_only_the_options() -> None:
    """No verb, no client and no library but click and what errors are made of."""
    modules = loaded("--help")

    assert ours(modules) == {
        "supervisor.__main__",
        "supervisor.cli",
        "supervisor.cli.completing",
        "supervisor.cli.failure",
        "supervisor.cli.options",
        "supervisor.cli.root",
        "supervisor.cli.session",
        *_NAMES,
        "supervisor.model",
        "supervisor.model.errors",
        "supervisor.model.meta",
    }
    assert not modules & {*_HEAVY, "requests", "yaml", "cryptography"}


def test_get_loads_no_part_of_the_daemon(tmp_path: Path) -> None:
    """The rules and columns of kinds are the server's to know."""
    with serving(tmp_path) as server:
        modules = loaded("get", "pods", kubeconfig=server.kubeconfig)

    assert "supervisor.cli.get" in modules
    parts = {m for m in ours(modules) if m.startswith(_PARTS_OF_THE_DAEMON)}
    assert parts <= _NAMES
    assert not modules & _HEAVY
