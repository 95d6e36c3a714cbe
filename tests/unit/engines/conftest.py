"""The fixture of the tests of keepers."""

from pathlib import Path

import pytest

from tests.unit.engines.keeping import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "engines")
