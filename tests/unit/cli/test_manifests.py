"""Reading manifests, and errors in them."""

from pathlib import Path

import pytest

from supervisor.cli import manifests
from supervisor.cli.failure import Failure
from supervisor.model.yaml_reader import YamlError, documents

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"


def names(found: list[manifests.Manifest]) -> list[str]:
    return [manifest.name for manifest in found]


def test_documents_of_one_file_are_objects_in_order() -> None:
    """Empty documents are skipped."""
    text = f"---\n{POD}---\n# nothing\n---\n{POD.replace('name: a', 'name: b')}"

    assert names(manifests.parse(text, "f.yaml")) == ["a", "b"]


def test_a_list_is_replaced_by_its_items() -> None:
    """`kind: List`, and typed lists from a server."""
    items = "".join(f"- {line}\n" if i == 0 else f"  {line}\n"
                    for i, line in enumerate(POD.splitlines()))  # fmt: skip

    found = manifests.parse(f"apiVersion: v1\nkind: PodList\nitems:\n{items}", "f")

    assert names(found) == ["a"]


def test_json_is_accepted() -> None:
    """It is a subset of YAML."""
    text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}'

    assert names(manifests.parse(text, "f.json")) == ["a"]


def test_folders_are_read_in_order_of_names(tmp_path: Path) -> None:
    """Other files are ignored; subfolders require -R."""
    (tmp_path / "b.yaml").write_text(POD.replace("name: a", "name: b"))
    (tmp_path / "a.yml").write_text(POD)
    (tmp_path / "README.md").write_text("no manifest")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.json").write_text(POD.replace("name: a", "name: c"))

    assert names(manifests.read([str(tmp_path)])) == ["a", "b"]
    deep = manifests.read([str(tmp_path)], recursive=True)
    assert sorted(names(deep)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kind: Pod\n",
            'unable to decode "f": line 1: apiVersion must be a string, it',
        ),
        ("a: [1\n", "error parsing f: line 2: "),
        (f"{POD}---\n- x\n", "line 6: expected an object, found a list"),
        ("apiVersion: 1\nkind: Pod\n", "apiVersion must be a string, found 1"),
        ("apiVersion: v1\nkind: Pod\nmetadata: x\n", "metadata must be a mapping"),
        ("a: 1\na: 2\n", 'line 2: key "a" already set in map'),
        ("\tx: 1\n", "error parsing f: line 1"),
        ("&a [*a]", "unknown anchor"),
        ("{[a]: 1}", "a key must be text"),
    ],
)
def test_errors_name_file_and_line(text: str, message: str) -> None:
    """And what was found."""
    with pytest.raises(Failure) as caught:
        manifests.parse(text, "f")

    assert message in caught.value.message


def test_a_tab_is_explained() -> None:
    """The hint explains the rule of YAML."""
    with pytest.raises(Failure) as caught:
        manifests.parse("a:\n\tb: 1\n", "f")

    assert "indented with a tab" in caught.value.hint


def test_missing_paths_are_reported(tmp_path: Path) -> None:
    """As kubectl does."""
    with pytest.raises(Failure) as caught:
        manifests.read([str(tmp_path / "nope.yaml")])

    assert caught.value.message == f'the path "{tmp_path}/nope.yaml" does not exist'


def test_a_manifest_without_objects_is_an_error(tmp_path: Path) -> None:
    """A file with only comments is a mistake."""
    (tmp_path / "a.yaml").write_text("# nothing\n")

    with pytest.raises(Failure) as caught:
        manifests.read([str(tmp_path)])

    assert caught.value.message == "no objects passed to this command"


def test_deep_nesting_is_an_error() -> None:
    """It does not crash."""
    with pytest.raises(YamlError):
        list(documents("[" * 100_000))
