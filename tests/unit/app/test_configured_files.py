"""Which files the settings have named for nodes, over several starts."""

from pathlib import Path

from supervisor.app import configured_files

ONE = {"n1": frozenset({"/certificates/ca.pem"})}
TWO = {"n2": frozenset({"/certificates/other.pem"})}


def test_a_node_that_left_keeps_its_files_until_its_engine_is_gone(
    tmp_path: Path,
) -> None:
    """Its engine is cleared with them."""
    assert configured_files.record(tmp_path, ONE, ["n1"]) == ONE
    assert configured_files.record(tmp_path, TWO, ["n1", "n2"]) == ONE | TWO
    assert configured_files.record(tmp_path, TWO, ["n1", "n2"]) == ONE | TWO
    assert configured_files.record(tmp_path, TWO, ["n2"]) == TWO
    assert configured_files.record(tmp_path, TWO, ["n1", "n2"]) == TWO


def test_files_of_a_node_that_stays_are_those_that_the_settings_name_now(
    tmp_path: Path,
) -> None:
    """What was named before is not allowed for ever."""
    configured_files.record(tmp_path, ONE, ["n1"])
    newer = {"n1": frozenset({"/certificates/newer.pem"})}
    assert configured_files.record(tmp_path, newer, ["n1"]) == newer


def test_a_record_that_is_garbled_does_not_end_the_start(tmp_path: Path) -> None:
    """It is written anew."""
    for garbled in ("[1]", "{", '{"n1": 3}', ""):
        (tmp_path / "engine-files.json").write_text(garbled)
        assert configured_files.record(tmp_path, ONE, []) == ONE
