"""The documents name what is there, and their examples are true."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from scripts import engine_phases, kinds_table

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "supervisor"
DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "README.md")


def with_examples() -> list[str]:
    """The modules that have doctests, by name."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if ">>> " in path.read_text()
    )


@pytest.mark.parametrize("module", with_examples())
def test_examples_in_docstrings_are_true(module: str) -> None:
    """What a docstring shows is what happens."""
    result = doctest.testmod(importlib.import_module(module))

    assert result.attempted > 0
    assert result.failed == 0


def test_the_map_has_every_folder() -> None:
    """ARCHITECTURE.md gives each folder of the package a row, and no other."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE))
    folders = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()}

    assert rows == folders


def test_the_readme_lists_every_kind() -> None:
    """Its table is what the descriptions of the kinds say."""
    assert kinds_table.table() in (ROOT / "README.md").read_text()


def test_the_architecture_shows_the_phases_of_an_engine() -> None:
    """Its picture and its table are what the plan uses."""
    text = (ROOT / "ARCHITECTURE.md").read_text()

    assert engine_phases.picture() in text
    assert engine_phases.table() in text


def mentioned() -> list[tuple[str, str]]:
    """Paths below the package's folders that the map speaks of."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    folders = "|".join(p.name for p in PACKAGE.iterdir() if p.is_dir())
    found = re.findall(rf"`((?:{folders})/[\w/.]+?)(?:\.py|/)?`", text)
    return [("ARCHITECTURE.md", path) for path in sorted(set(found))]


@pytest.mark.parametrize(("document", "path"), mentioned())
def test_modules_that_a_document_names_are_there(document: str, path: str) -> None:
    """A name that has gone stale sends a reader nowhere."""
    place = PACKAGE / path

    assert place.is_dir() or place.with_suffix(".py").exists() or place.exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    """Relative links only; addresses of the web are not asked."""
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / document).read_text())
    local = [link for link in links if not link.startswith(("http://", "https://"))]

    assert [link for link in local if not (ROOT / link).exists()] == []
