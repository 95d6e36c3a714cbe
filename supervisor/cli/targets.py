"""Parsing of resource arguments: `pod kubia`, `rc/kubia`, `po,rc`, `all`.

Follows cli-runtime/pkg/resource/builder.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.cli.discovery import Catalog, Resource
from supervisor.cli.failure import Failure


@dataclass(frozen=True)
class Target:
    """One object, or all objects of a resource if `name` is empty."""

    resource: Resource
    name: str = ""

    def __str__(self) -> str:
        return f"{self.resource.display_name}/{self.name}"


def parse(catalog: Catalog, args: Sequence[str], verb: str) -> list[Target]:
    """Parse `args`; types without names select all objects. Raises Failure."""
    if not args:
        raise Failure(
            f"You must specify the type of resource to {verb}",
            f"for example `supervisor {verb} pods`",
        )
    if any("/" in word for word in args):
        return [_slashed(catalog, word, verb) for word in args]
    resources = catalog.find_all(args[0])
    names = args[1:]
    if names:
        return [Target(resource, name) for resource in resources for name in names]
    return [Target(resource) for resource in resources]


def named(catalog: Catalog, args: Sequence[str], verb: str) -> list[Target]:
    """Like `parse`, but names are required. Raises Failure."""
    targets = parse(catalog, args, verb)
    if not all(target.name for target in targets):
        raise Failure(
            "resource(s) were provided, but no name was specified",
            f"for example `supervisor {verb} {args[0]} NAME`",
        )
    return targets


def _slashed(catalog: Catalog, word: str, verb: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash:
        raise Failure(
            "there is no need to specify a resource type as a separate argument when "
            f"passing arguments in resource/name form (e.g. 'supervisor {verb} "
            f"resource/<resource_name>' instead of 'supervisor {verb} resource "
            "resource/<resource_name>'"
        )
    if not kind or not name or "/" in name:
        raise Failure(
            "arguments in resource/name form must have a single resource and name"
        )
    return Target(catalog.find(kind), name)
