"""Options are parsed like kubectl's."""

from typing import Any

import click
import pytest

from supervisor.cli.options import Verb, with_connection, with_dry_run, with_validate
from supervisor.cli.session import Session


def read(*args: str) -> tuple[dict[str, Any], Session]:
    """The parameters of a command with these options, and its session."""
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
    verb.main(list(args), obj=session, standalone_mode=False)
    return found, session


@pytest.mark.parametrize(
    ("args", "expected"),
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
def test_flags_accept_values_after_equals(
    args: list[str], expected: dict[str, Any]
) -> None:
    """Arguments after a flag are arguments."""
    found, _ = read(*args)

    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--wait=maybe"], 'invalid argument "maybe" for "--wait"'),
        (["--dry-run"], "--dry-run needs a value"),
        (["--dry-run=maybe"], "Invalid dry-run value (maybe)"),
        (["--validate=maybe"], "strict, warn or ignore expected"),
    ],
)
def test_invalid_values_are_refused(args: list[str], message: str) -> None:
    """The message contains the allowed values."""
    with pytest.raises(click.UsageError) as caught:
        read(*args)

    assert message in caught.value.format_message()


def test_connection_options_are_accepted_anywhere() -> None:
    """Before and after other arguments."""
    _, session = read("a", "-n", "team", "--server=https://192.0.2.1:1", "b")

    assert session.namespace_option == "team"
    assert session.server == "https://192.0.2.1:1"
