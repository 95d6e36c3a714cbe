"""Which objects a command line names: `pod kubia`, `rc/kubia`, `po,rc`, `all`, -f.

Follows cli-runtime/pkg/resource/builder.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from supervisor.cli.discovery import Catalog, Resource
from supervisor.cli.failure import Failure


@dataclass(frozen=True)
class Target:
    """One object, or all of a resource when `name` is empty."""

    resource: Resource
    name: str = ""

    def __str__(self) -> str:
        return f"{self.resource.printed}/{self.name}"


def parse(catalog: Catalog, words: Sequence[str], verb: str) -> list[Target]:
    """The targets of `words`; without names, whole resources."""
    if not words:
        raise Failure(
            f"You must specify the type of resource to {verb}",
            f"for example `supervisor {verb} pods`",
        )
    if any("/" in word for word in words):
        return [_slashed(catalog, word, verb) for word in words]
    resources = catalog.named(words[0])
    names = words[1:]
    if names:
        return [Target(resource, name) for resource in resources for name in names]
    return [Target(resource) for resource in resources]


def named(catalog: Catalog, words: Sequence[str], verb: str) -> list[Target]:
    """Like `parse`, where names are needed."""
    targets = parse(catalog, words, verb)
    if not all(target.name for target in targets):
        raise Failure(
            "resource(s) were provided, but no name was specified",
            f"for example `supervisor {verb} {words[0]} NAME`",
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
