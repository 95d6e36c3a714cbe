"""How the names of a pod are resolved: dnsPolicy and dnsConfig.

Follows validateDNSPolicy and validatePodDNSConfig of
pkg/apis/core/validation/validation.go.
"""

from supervisor.model import names
from supervisor.model.errors import invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import report
from supervisor.model.validation.report import Errors

_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MAX_NAMESERVERS = 3
_MAX_SEARCHES, _MAX_SEARCH_CHARACTERS = 32, 2048


def check(spec: Object, path: str) -> Errors:
    """What is wrong with `dnsPolicy` and `dnsConfig` of a pod's spec."""
    policy, config = spec.get("dnsPolicy"), spec.get("dnsConfig")
    yield from report.one_of(f"{path}.dnsPolicy", policy, _POLICIES)
    path = f"{path}.dnsConfig"
    servers = (config or {}).get("nameservers") or []
    if policy == "None" and config is None:
        yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
    elif policy == "None" and not servers:
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        yield required(f"{path}.nameservers", detail)
    if len(servers) > _MAX_NAMESERVERS:
        detail = f"must not have more than {_MAX_NAMESERVERS} nameservers"
        yield invalid(f"{path}.nameservers", servers, detail)
    for place, server in enumerate(servers):
        yield from report.each(f"{path}.nameservers[{place}]", server, names.ip(server))
    if config is not None:
        yield from _searches(config.get("searches") or [], f"{path}.searches")
        yield from _options(config.get("options") or [], f"{path}.options")


def _searches(searches: list[str], path: str) -> Errors:
    if len(searches) > _MAX_SEARCHES:
        detail = f"must not have more than {_MAX_SEARCHES} search paths"
        yield invalid(path, searches, detail)
    if len(" ".join(searches)) > _MAX_SEARCH_CHARACTERS:
        detail = (
            f"must not have more than {_MAX_SEARCH_CHARACTERS} characters "
            "(including spaces) in the search list"
        )
        yield invalid(path, searches, detail)
    for place, domain in enumerate(searches):
        # The root alone means that nothing is searched.
        if domain != ".":
            wrong = names.dns_subdomain(domain.removesuffix("."))
            yield from report.each(f"{path}[{place}]", domain, wrong)


def _options(options: list[Object], path: str) -> Errors:
    for place, option in enumerate(options):
        field = f"{path}[{place}]"
        if not option.get("name"):
            yield required(f"{field}.name", "must not be empty")
        for part in ("name", "value"):
            text = option.get(part) or ""
            # It would become an option, or a line, of its own.
            if "".join(text.split()) != text:
                yield invalid(f"{field}.{part}", text, "must not contain spaces")
