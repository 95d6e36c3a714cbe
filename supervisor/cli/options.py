"""Options that several commands share, parsed like kubectl's flags.

Rules
- Flags accept a value (`--overwrite=true`, `--wait=false`).
- Options whose value is optional (`--dry-run`, `--cascade`) accept it only after `=`.
- Options for the connection are accepted before and after the command name.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from supervisor.cli.completing import complete_namespaces
from supervisor.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])

_TRUE = {"true", "t", "1"}
_FALSE = {"false", "f", "0"}


class OptionalValue(click.Option):
    """An option whose value is `implied` when given without `=VALUE`.

    Corresponds to NoOptDefVal in pflag.
    """

    def __init__(self, *args: Any, implied: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.implied = implied


class Verb(click.Command):
    """A command whose options are parsed as pflag does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        kwargs["context_settings"] = settings | (kwargs.get("context_settings") or {})
        super().__init__(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        by_name = {
            name: param
            for param in self.params
            if isinstance(param, click.Option)
            for name in param.opts
        }
        read: list[str] = []
        for position, arg in enumerate(args):
            if arg == "--":
                read += args[position:]
                break
            read += self._read(ctx, by_name, arg)
        return super().parse_args(ctx, read)

    def _read(
        self, ctx: click.Context, by_name: dict[str, click.Option], arg: str
    ) -> list[str]:
        name, given, value = arg.partition("=")
        option = by_name.get(name)
        if option is None:
            return [arg]
        if isinstance(option, OptionalValue):
            return [f"{name}={value if given else option.implied}"]
        if option.is_flag and given:
            return self._switch(ctx, option, name, value)
        if given and not name.startswith("--"):
            return [name, value]
        return [arg]

    def _switch(
        self, ctx: click.Context, option: click.Option, name: str, value: str
    ) -> list[str]:
        if value.lower() in _TRUE:
            return [name]
        if value.lower() not in _FALSE:
            message = f'invalid argument "{value}" for "{name}": true or false expected'
            raise click.UsageError(message, ctx)
        ctx.default_map = {**(ctx.default_map or {}), str(option.name): False}
        return []


def _store(attribute: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        session = ctx.find_root().obj
        if value and isinstance(session, Session):
            setattr(session, attribute, value)

    return callback


def with_connection(function: F) -> F:
    """Adds the options for server, credentials and namespace."""
    options = [
        (("-n", "--namespace"), "namespace_option", "Namespace to use."),
        (("--context",), "context", "Context of the kubeconfig to use."),
        (("--kubeconfig",), "kubeconfig", "Kubeconfig file to use."),
        (
            ("-s", "--server"),
            "server",
            "Address of the API server (https://HOST:PORT).",
        ),
        (("--token",), "token", "Bearer token for the API server."),
    ]
    for names, attribute, text in reversed(options):
        function = click.option(
            *names,
            f"connection_{attribute}",
            metavar=names[-1].lstrip("-").upper(),
            expose_value=False,
            is_eager=True,
            callback=_store(attribute),
            shell_complete=complete_namespaces if names[0] == "-n" else None,
            help=text,
        )(function)
    return function


def with_files(function: F) -> F:
    """Adds -f and -R."""
    function = click.option(
        "-R",
        "--recursive",
        is_flag=True,
        help="Process the folders given with -f recursively.",
    )(function)
    return click.option(
        "-f",
        "--filename",
        "filenames",
        multiple=True,
        metavar="FILE",
        help="File, folder or URL of manifests; - reads stdin. Can be repeated.",
    )(function)


def with_dry_run(function: F) -> F:
    """Adds --dry-run."""
    return click.option(
        "--dry-run",
        cls=OptionalValue,
        implied="unchanged",
        default="none",
        metavar="none|client|server",
        callback=_dry_run,
        help='"client" only prints what would be sent; "server" submits the request '
        "without persisting it.",
    )(function)


def with_selector(function: F) -> F:
    """Adds -l."""
    return click.option(
        "-l",
        "--selector",
        "labels",
        default="",
        metavar="SELECTOR",
        help="Label selector, such as app=kubia,tier!=front or 'env in (a,b)'.",
    )(function)


def with_field_selector(function: F) -> F:
    """Adds --field-selector."""
    return click.option(
        "--field-selector",
        "fields",
        default="",
        metavar="SELECTOR",
        help="Field selector, such as status.phase=Running.",
    )(function)


def with_validate(function: F) -> F:
    """Adds --validate."""
    return click.option(
        "--validate",
        "validation",
        cls=OptionalValue,
        implied="strict",
        default="strict",
        metavar="strict|warn|ignore",
        callback=_validation,
        help="Reject unknown fields, drop them with a warning, or drop them silently.",
    )(function)


def _dry_run(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value in ("none", "client", "server"):
        return value
    if value == "unchanged":
        raise click.UsageError(
            '--dry-run needs a value: "--dry-run=client" or "--dry-run=server"', ctx
        )
    raise click.UsageError(
        f'Invalid dry-run value ({value}). Must be "none", "server", or "client".', ctx
    )


def _validation(ctx: click.Context, param: click.Parameter, value: str) -> str:
    meanings = {"true": "Strict", "strict": "Strict", "warn": "Warn"}
    meanings |= {"false": "Ignore", "ignore": "Ignore"}
    if value.lower() not in meanings:
        raise click.UsageError(
            f"invalid --validate {value!r}: strict, warn or ignore expected", ctx
        )
    return meanings[value.lower()]
