"""Networks belong to one lab, and those of the dead are found."""

from pathlib import Path

import pytest

from tests.lab.commands import LabError
from tests.lab.records import Owner, Record, Records, this_process


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path)


def test_a_network_is_claimed_once(records: Records) -> None:
    """The same lab may claim it again, another is told whose it is."""
    records.claim(Record("10.88", "/one"))
    records.claim(Record("10.88", "/one"))

    with pytest.raises(LabError, match="is that of the lab in /one"):
        records.claim(Record("10.88", "/two"))
    records.claim(Record("10.89", "/two"))
    assert [r.folder for r in records.all()] == ["/one", "/two"]


def test_a_forgotten_network_is_free(records: Records) -> None:
    """Forgetting twice is the same as once."""
    records.claim(Record("10.88", "/one"))
    records.forget("10.88")
    records.forget("10.88")

    records.claim(Record("10.88", "/two"))


def test_only_labs_of_dead_owners_are_orphans(records: Records) -> None:
    """Not those of nobody, and not those of the living."""
    records.claim(Record("10.88", "/kept"))
    records.claim(Record("10.89", "/mine", this_process()))
    reused = Owner(this_process().pid, "before")
    records.claim(Record("10.90", "/lost", reused))

    assert [r.folder for r in records.orphans()] == ["/lost"]
