"""The import contract for pure modules is what the modules say of themselves."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CONTRACT = "Deciding modules perform no effects and read no clock"


def contract() -> set[str]:
    """The modules and packages of the import contract."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (found,) = (c for c in contracts if c["name"] == _CONTRACT)
    return set(found["source_modules"])


def claims() -> dict[str, bool]:
    """Whether each module says that it is pure, by its dotted name."""
    found = {}
    for path in sorted((ROOT / "supervisor").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        header = ast.get_docstring(ast.parse(path.read_text())) or ""
        is_pure = re.search(r"(^|\s)Pure\.", header) is not None
        found[name.removesuffix(".__init__")] = is_pure
    return found


def test_what_claims_to_be_pure_is_held_to_it() -> None:
    """Its module, or a package that it is in, is in the contract."""
    listed = contract()
    missing = [
        name
        for name, is_pure in claims().items()
        if is_pure
        and not any(name == each or name.startswith(f"{each}.") for each in listed)
    ]

    assert missing == []


def test_the_contract_names_what_exists() -> None:
    """A renamed module does not leave the contract in silence."""
    assert contract() <= set(claims())
