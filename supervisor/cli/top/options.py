"""Options of `top`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from supervisor.cli.options import with_connection, with_selector
from supervisor.cli.top.amounts import SORT_KEYS

F = TypeVar("F", bound=Callable[..., Any])


def with_top_options(function: F) -> F:
    """Adds --selector, --sort-by, --no-headers and the options for the connection."""
    headers = click.option("--no-headers", is_flag=True, help="Print no header.")
    sort_by = click.option(
        "--sort-by",
        type=click.Choice(SORT_KEYS),
        help="Sort by this resource instead of by name.",
    )
    decorated: F = with_selector(sort_by(headers(with_connection(function))))
    return decorated
