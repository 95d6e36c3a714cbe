"""What the project's images are made of, and how a change of it is seen."""

from pathlib import Path

import pytest

from scripts.build_images import TARGETS, Target, digest

PROJECT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_all_that_is_copied_into_an_image_counts(target: Target) -> None:
    """So a change of any of it has the image built anew."""
    text = (PROJECT / target.folder / target.dockerfile).read_text()
    lines = [line.split() for line in text.splitlines()]
    copied = [name for words in lines if words[:1] == ["COPY"] for name in words[1:-1]]

    assert target.dockerfile in target.sources
    assert set(copied) <= set(target.sources)
    assert f"FROM ${{{target.base.argument}}}" in text
    assert f"ARG {target.base.argument}={target.base.public}" in text


def test_every_kind_of_change_is_seen(tmp_path: Path) -> None:
    """Of a content, a name, a folder, the right to run, and the base."""
    folder = tmp_path / "a"
    (folder / "inner").mkdir(parents=True)
    file, other = folder / "app.js", folder / "inner" / "app.js"
    file.write_text("one")

    def now(base: str = "sha256:1") -> str:
        return digest(folder, ["app.js", "inner"], base)

    seen = [now(), now("sha256:2")]
    file.write_text("two")
    seen.append(now())
    file.chmod(0o755)
    seen.append(now())
    other.write_text("three")
    seen.append(now())
    other.rename(folder / "inner" / "app2.js")
    seen.append(now())

    assert len(set(seen)) == len(seen)


def test_what_does_not_get_into_an_image_is_no_change(tmp_path: Path) -> None:
    """What Python compiles, and where the folder lies."""
    for name in ("a", "b"):
        (tmp_path / name / "package").mkdir(parents=True)
        (tmp_path / name / "package" / "x.py").write_text("")
    cache = tmp_path / "b" / "package" / "__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_text("compiled")

    assert digest(tmp_path / "a", ["package"]) == digest(tmp_path / "b", ["package"])
