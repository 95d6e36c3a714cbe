"""Options are read as kubectl reads them."""

from typing import Any

import click
import pytest

from supervisor.cli.options import Verb, with_connection, with_dry_run, with_validate
from supervisor.cli.session import Session


def read(*words: str) -> tuple[dict[str, Any], Session]:
    """What a verb with these options gets, and what its session knows."""
    found: dict[str, Any] = {}

    @click.command(cls=Verb)
    @click.argument("names", nargs=-1)
    @click.option("--wait", is_flag=True, default=True)
    @click.option("--overwrite", is_flag=True)
    @click.option("-o", "--output", default="")
    @with_dry_run
    @with_validate
    @with_connection
    def verb(**options: Any) -> None:
        found.update(options)

    session = Session()
    verb.main(list(words), obj=session, standalone_mode=False)
    return found, session


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"wait": True, "overwrite": False}),
        (["--wait=false"], {"wait": False}),
        (["--wait=true", "--overwrite"], {"wait": True, "overwrite": True}),
        (["--overwrite", "a=b"], {"overwrite": True, "names": ("a=b",)}),
        (["--overwrite=true", "a=b"], {"overwrite": True, "names": ("a=b",)}),
        (["-o=yaml"], {"output": "yaml"}),
        (["-oyaml"], {"output": "yaml"}),
        (["-o", "yaml"], {"output": "yaml"}),
        (["--dry-run=client"], {"dry_run": "client"}),
        (["--validate=false"], {"validation": "Ignore"}),
        (["--validate"], {"validation": "Strict"}),
        (["--", "--wait=false"], {"wait": True, "names": ("--wait=false",)}),
    ],
)
def test_switches_take_values_behind_equals(
    words: list[str], expected: dict[str, Any]
) -> None:
    """And words behind a switch are words."""
    found, _ = read(*words)

    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--wait=maybe"], 'invalid argument "maybe" for "--wait"'),
        (["--dry-run"], "--dry-run needs a value"),
        (["--dry-run=maybe"], "Invalid dry-run value (maybe)"),
        (["--validate=maybe"], "strict, warn or ignore expected"),
    ],
)
def test_other_values_are_refused(words: list[str], message: str) -> None:
    """With what is allowed."""
    with pytest.raises(click.UsageError) as caught:
        read(*words)

    assert message in caught.value.format_message()


def test_the_server_is_named_anywhere() -> None:
    """Before or behind other words."""
    _, session = read("a", "-n", "team", "--server=https://192.0.2.1:1", "b")

    assert session.namespace_option == "team"
    assert session.server == "https://192.0.2.1:1"
