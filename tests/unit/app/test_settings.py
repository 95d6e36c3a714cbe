"""The daemon's settings: defaults, the file, and what is said about mistakes."""

from pathlib import Path

import msgspec
import pytest
import yaml

from supervisor.app.settings import Settings, SettingsError, load

SHOWN = Path(__file__).parents[3] / "configs" / "supervisor.yaml"


def written(folder: Path, text: str) -> Path:
    path = folder / "supervisor.yaml"
    path.write_text(text)
    return path


def test_the_example_shows_every_setting_with_its_default() -> None:
    """configs/supervisor.yaml is the reference, and never lies."""
    assert yaml.safe_load(SHOWN.read_text()) == msgspec.to_builtins(Settings())


def test_the_fast_profile_is_quicker_and_still_possible() -> None:
    """Grace, toleration and the second of a start make less than four seconds."""
    fast = load(SHOWN.with_name("supervisor-fast.yaml"))

    numbers = fast.failover.numbers
    assert numbers.grace_seconds + numbers.toleration_seconds + 1 < 4
    assert msgspec.structs.replace(fast, failover=Settings().failover) == Settings()


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    """No setting is required."""
    assert load(written(tmp_path, "# nothing\n")) == Settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("lisen: x", "unknown field `lisen`"),
        ("log: {level: loud}", "Invalid enum value 'loud' - at `$.log.level`"),
        ("nodes: [{name: 5}]", "Expected `str`, got `int` - at `$.nodes[0].name`"),
        (
            "nodes: [{reach: Wave}]",
            "Invalid enum value 'Wave' - at `$.nodes[0].reach`",
        ),
        ("nodes: [{name: a}, {name: a}]", "nodes: 'a' is given twice"),
        (
            "failover: {heartbeatSeconds: 0.1}",
            "failover.heartbeatSeconds: 0.1 is not possible: at least 0.2 is needed",
        ),
        (
            "failover: {graceSeconds: 4}",
            "failover.graceSeconds: 4 is not possible: a Lease that is renewed every "
            "2 s needs at least 5",
        ),
        (
            "failover: {graceSeconds: .nan}",
            "Expected `float`, got `str` - at `$.failover.graceSeconds`",
        ),
        ("failover: {tolerationSeconds: 1.5}", "Expected `int`, got `float`"),
        ("failover: {tolerationSeconds: -1}", "failover.tolerationSeconds: -1 is neg"),
        ("a: [", "line 2: did not find expected node content"),
        ("- 1", "Expected `object`, got `array`"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """What was found, where, and what is allowed."""
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(path)

    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """A file asked for by name must be there."""
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("listen", ["6443", ":6443", "host:", "host:x", "host:70000"])
def test_an_address_without_host_or_port_is_refused(listen: str) -> None:
    """The message shows the form that is wanted."""
    with pytest.raises(SettingsError, match=r"no HOST:PORT, such as 127\.0\.0\.1:6443"):
        _ = Settings(listen=listen).address


def test_an_ipv6_address_is_given_in_brackets() -> None:
    """As in URLs."""
    assert Settings(listen="[::1]:6443").address == ("::1", 6443)


def test_a_daemon_may_begin_without_a_node(tmp_path: Path) -> None:
    """Others are added while it runs."""
    assert load(written(tmp_path, "nodes: []\n")).nodes == []


def test_a_setting_that_stands_twice_is_told(tmp_path: Path) -> None:
    """The second one would silently win."""
    path = tmp_path / "supervisor.yaml"
    path.write_text("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n")

    with pytest.raises(SettingsError, match='line 2: key "listen" already set in map'):
        load(path)
