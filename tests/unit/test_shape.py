"""The rules of taste that a machine can check."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("supervisor", "tests", "benchmarks", "scripts", "images")
MAX_LINES = 400
MAX_FUNCTION_LINES = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def sources(*folders: str) -> list[Path]:
    return sorted(p for f in folders for p in (ROOT / f).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources(*FOLDERS), ids=shown)
def test_a_file_is_read_in_one_sitting(path: Path) -> None:
    """A file that needs scrolling holds two ideas."""
    assert len(path.read_text().splitlines()) <= MAX_LINES
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", sources(*FOLDERS), ids=shown)
def test_a_function_fits_on_one_screen(path: Path) -> None:
    """A long function hides its steps."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name}: {lines} lines"


@pytest.mark.parametrize("path", sources("supervisor"), ids=shown)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    """A reader of headers alone understands the system."""
    assert ast.get_docstring(ast.parse(path.read_text()))


def functions_of(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text())
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    return [n for n in nodes if n.name.startswith("test_")]


@pytest.mark.parametrize("path", sources("tests"), ids=shown)
def test_a_test_states_the_behaviour_that_it_examines(path: Path) -> None:
    """The docstrings of the tests are the specification."""
    unstated = [t.name for t in functions_of(path) if not ast.get_docstring(t)]

    assert unstated == []
