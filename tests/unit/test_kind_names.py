"""A kind is named in its own place: everybody else takes its name from there."""

import ast
from pathlib import Path

import pytest

from supervisor.kinds.all import CATALOG

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "supervisor"
NAMES = {
    name
    for resource in CATALOG.resources
    for name in (resource.identity.resource, resource.identity.kind)
}
ALLOWED = {
    # Verbs of the command that are called as a kind is.
    "cli/events.py": {"events"},
    "cli/root.py": {"events"},
    # Columns and titles of tables.
    "cli/image/list.py": {"nodes"},
    "cli/image/push.py": {"nodes"},
    "cli/checks/daemon.py": {"nodes"},
    "cli/checks/engines.py": {"engines"},
    # A part of every path.
    "api/http/paths.py": {"namespaces"},
    "client/rest.py": {"namespaces"},
    # An amount, as cpu and memory are.
    "agent/pods/admission/rules.py": {"pods"},
    "agent/node/status.py": {"pods"},
    "controllers/scheduling/changes.py": {"pods"},
    "controllers/scheduling/node_info.py": {"pods"},
    "model/validation/resources.py": {"pods", "services", "secrets", "configmaps"},
    "placement/amounts.py": {"pods"},
    "placement/room.py": {"pods"},
    # Calls of an engine.
    "runtime/fenced.py": {"events", "pods"},
    # A field of an affinity term, and what may never own anything.
    "model/validation/affinity.py": {"namespaces"},
    "model/validation/metadata.py": {"Event"},
}
"""By file: words that are the names of kinds, and mean something else."""


def sources() -> list[Path]:
    found = (path for path in PACKAGE.rglob("*.py"))
    return sorted(p for p in found if p.relative_to(PACKAGE).parts[0] != "kinds")


def literals(tree: ast.AST) -> set[str]:
    """Texts that are values: neither docstrings nor parts of longer texts."""
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docs
    }


@pytest.mark.parametrize(
    "path", sources(), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_kind_is_named_outside_its_place(path: Path) -> None:
    """So a kind is renamed, moved to another group or looked for in one place."""
    allowed = ALLOWED.get(str(path.relative_to(PACKAGE)), set())

    assert literals(ast.parse(path.read_text())) & NAMES - allowed == set()
