"""/etc/hosts and /etc/resolv.conf of a pod's containers, based on the engine's. Pure.

Rules
- The engine's file is kept whole; the pod's entries are added to it.
- With dnsPolicy None the engine's resolv.conf is ignored.
- At most three name servers are used: resolvers read no more.

Follows pkg/kubelet/kubelet_pods.go (managedHostsFileContent, nodeHostsFileContent) and
pkg/kubelet/network/dns/dns.go (appendDNSConfig, formDNSConfigFitsLimits).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_NAMESERVERS = 3


@dataclass(frozen=True)
class HostsFile:
    host_network: bool = False
    aliases: Sequence[tuple[str, Sequence[str]]] = ()
    """Addresses with their host names."""

    @property
    def head(self) -> str:
        where = " (host network)" if self.host_network else ""
        return f"# Kubernetes-managed hosts file{where}.\n"

    @property
    def tail(self) -> str:
        """One line per address, with all of its names."""
        if not self.aliases:
            return ""
        lines = ("\t".join((ip, *names)) + "\n" for ip, names in self.aliases)
        return "\n# Entries added by HostAliases.\n" + "".join(lines)

    def text(self, engines: str) -> str:
        return self.head + engines + self.tail


@dataclass(frozen=True)
class ResolvConf:
    nameservers: Sequence[str] = ()
    searches: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    """Names and values; empty for an option without a value."""
    alone: bool = False
    """Whether the engine's file is ignored."""

    def text(self, engines: str) -> str:
        found = ResolvConf() if self.alone else parsed(engines)
        servers = _once((*found.nameservers, *self.nameservers))[:MAX_NAMESERVERS]
        searches = _once((*found.searches, *self.searches))
        options = {**dict(found.options), **dict(self.options)}
        lines = [f"nameserver {server}" for server in servers]
        if searches:
            lines.append(" ".join(("search", *searches)))
        if options:
            words = (f"{n}:{v}" if v else n for n, v in options.items())
            lines.append(" ".join(("options", *words)))
        return "".join(f"{line}\n" for line in lines)


def parsed(text: str) -> ResolvConf:
    """Parse a resolv.conf: name servers add up, the last search and options win."""
    servers: list[str] = []
    searches: list[str] = []
    options: list[tuple[str, str]] = []
    for line in text.splitlines():
        match line.split():
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search", *domains]:
                searches = [d.removesuffix(".") or d for d in domains]
            case ["options", *words]:
                pairs = (word.partition(":") for word in words)
                options = [(name, value) for name, _, value in pairs]
    return ResolvConf(servers, searches, options)


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
