"""/etc/hosts and /etc/resolv.conf are made from the engine's."""

import pytest

from supervisor.runtime.base.etc_files import HostsFile, ResolvConf, parsed

ENGINES = (
    "# made by the engine\n"
    "nameserver 10.0.0.1\n"
    "nameserver 10.0.0.2\n"
    "search old.test\n"
    "search host.test. corp.test\n"
    "options ndots:1 rotate\n"
)


def test_a_hosts_file_without_aliases_has_only_a_header() -> None:
    """The rest is what the engine has made."""
    assert HostsFile().text("127.0.0.1\tlocalhost\n") == (
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
    )


def test_each_address_has_one_line_with_all_of_its_names() -> None:
    """In the host's network the header says so."""
    aliases = (("10.1.2.3", ("a", "b")), ("2001:db8::1", ("c",)))

    assert HostsFile(True, aliases).text("::1\tlocalhost\n") == (
        "# Kubernetes-managed hosts file (host network).\n"
        "::1\tlocalhost\n"
        "\n"
        "# Entries added by HostAliases.\n"
        "10.1.2.3\ta\tb\n"
        "2001:db8::1\tc\n"
    )


def test_a_resolv_conf_is_read_as_resolvers_do() -> None:
    """Name servers add up, the last search list counts."""
    assert parsed(ENGINES) == ResolvConf(
        ["10.0.0.1", "10.0.0.2"],
        ["host.test", "corp.test"],
        [("ndots", "1"), ("rotate", "")],
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            ResolvConf(("192.0.2.1",), ("more.test", "corp.test"), (("ndots", "3"),)),
            "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 192.0.2.1\n"
            "search host.test corp.test more.test\noptions ndots:3 rotate\n",
        ),
        (
            ResolvConf(("192.0.2.1", "192.0.2.2")),
            "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 192.0.2.1\n"
            "search host.test corp.test\noptions ndots:1 rotate\n",
        ),
        (
            ResolvConf(("127.0.0.1",), ("a.test",), (("edns0", ""),), alone=True),
            "nameserver 127.0.0.1\nsearch a.test\noptions edns0\n",
        ),
        (ResolvConf(("127.0.0.1",), alone=True), "nameserver 127.0.0.1\n"),
    ],
)
def test_what_a_pod_asks_for_is_added_or_stands_alone(
    wanted: ResolvConf, expected: str
) -> None:
    """Its options win, and there are never more than three name servers."""
    assert wanted.text(ENGINES) == expected
