"""Certificates from Secrets and files, and the errors about unusable ones."""

import base64
from pathlib import Path

import pytest

from supervisor.app import certificates
from supervisor.engines.accesses import Accesses, AllowedFiles, Unusable
from supervisor.model.engine import (
    FROM_CONFIGURATION,
    SOURCE,
    Engine,
    EngineSpec,
    EngineSsh,
    EngineTls,
)
from supervisor.model.meta import ObjectMeta
from tests.unit.engines.keeping import Bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Files:
    """A certificate, its key and its authority."""
    return certificates.ensure(tmp_path_factory.mktemp("tls"), ["h"], now=1767323045.0)


def engine(tls: EngineTls) -> Engine:
    spec = EngineSpec(endpoint="tcp://h:2376", tls=tls)
    return Engine(ObjectMeta(name="n1", uid="u"), spec)


def put_secret(bench: Bench, *contents: bytes) -> None:
    keys = ("ca.crt", "tls.crt", "tls.key")
    encoded = [base64.b64encode(content).decode() for content in contents]
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    data = dict(zip(keys, encoded, strict=True))
    bench.api.create("secrets", body | {"data": data}, "kube-system")


def test_a_secret_becomes_private_files(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """TLS libraries read files; they are removed with the Engine."""
    contents = [path.read_bytes() for path in made]
    put_secret(bench, *contents)
    accesses = Accesses(bench.api, tmp_path)

    found = accesses.of(engine(EngineTls(secret_name="s")))

    assert found.tls is not None
    paths = [Path(p) for p in (found.tls.ca, found.tls.certificate, found.tls.key)]
    assert [path.read_bytes() for path in paths] == contents
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    accesses.forget("n1")
    assert not any(path.exists() for path in paths)


def test_a_new_certificate_is_another_access(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """Although the paths are the same, so the engine is connected again."""
    for path in made:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    files = [str(tmp_path / path.name) for path in made]
    tls = EngineTls("", *files)
    accesses = Accesses(bench.api, tmp_path)
    before = accesses.of(engine(tls))
    assert accesses.of(engine(tls)) == before

    authority = tmp_path / made.authority.name
    authority.write_bytes(authority.read_bytes() + b"\n")

    assert accesses.of(engine(tls)) != before


def test_unusable_files_are_named(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """Before anything is sent to the engine."""
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("hello")
    ca, cert, key = (str(path) for path in made)
    authority_key = str(made.authority.with_name("ca.key"))
    cases = {
        (str(tmp_path / "none"), cert, key): "none: No such file or directory",
        (str(nonsense), cert, key): "nonsense.pem: holds no certificate in PEM form",
        (ca, cert, authority_key): f"{authority_key}: is not the key of {cert}",
        (ca, str(nonsense), key): "hold no certificate and its key",
    }
    accesses = Accesses(bench.api, tmp_path)
    for files, complaint in cases.items():
        with pytest.raises(Unusable) as caught:
            accesses.of(engine(EngineTls("", *files)))
        assert complaint in str(caught.value)


def test_an_ssh_configuration_is_part_of_the_access(
    bench: Bench, tmp_path: Path
) -> None:
    """A missing one is named; after a change the engine is connected again."""
    config = tmp_path / "ssh_config"
    spec = EngineSpec(endpoint="ssh://h", ssh_config=str(config))
    asked = Engine(ObjectMeta(name="n1", uid="u"), spec)
    accesses = Accesses(bench.api, tmp_path)
    with pytest.raises(Unusable, match="ssh_config: No such file") as caught:
        accesses.of(asked)
    assert caught.value.reason == "BadSshConfig"

    config.write_text("Host h\n")
    before = accesses.of(asked)
    assert (before.ssh_config, accesses.of(asked)) == (str(config), before)
    config.write_text("Host h\n  Port 2222\n")

    assert accesses.of(asked) != before


def with_config(path: str, **annotations: str) -> Engine:
    meta = ObjectMeta(name="n1", uid="u", annotations=annotations)
    return Engine(meta, EngineSpec(endpoint="ssh://h", ssh_config=path))


def test_an_engine_names_files_of_one_folder(bench: Bench, tmp_path: Path) -> None:
    """The settings name the folder; no name leads out of it."""
    folder, state = tmp_path / "files", tmp_path / "state"
    folder.mkdir()
    (folder / "config").write_text("Host h\n")
    (tmp_path / "secret").write_text("hidden")
    (folder / "link").symlink_to(tmp_path / "secret")
    accesses = Accesses(bench.api, state, AllowedFiles(str(folder)))

    assert accesses.of(with_config("config")).ssh_config == str(folder / "config")
    for name in ("link", "../secret"):
        with pytest.raises(Unusable, match="leads out of") as caught:
            accesses.of(with_config(name))
        assert caught.value.reason == "FileNotAllowed"
    with pytest.raises(Unusable, match=r"name no folder for it \(engineFiles\)"):
        Accesses(bench.api, state).of(with_config("config"))


def test_paths_are_compared_with_the_settings(bench: Bench, tmp_path: Path) -> None:
    """Any user can set the annotation."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    for path in (mine, other):
        path.write_text("Host h\n")
    configured = {"n1": frozenset({str(mine)})}
    accesses = Accesses(bench.api, tmp_path, AllowedFiles(configured=configured))
    source = {SOURCE: FROM_CONFIGURATION}

    found = accesses.of(with_config(str(mine), **source))

    assert (found.ssh_config, found.deprecated) == (str(mine), "")
    with pytest.raises(Unusable, match="the settings name no such file for node n1"):
        accesses.of(with_config(str(other), **source))


def test_a_path_stored_by_an_earlier_version_is_used_with_a_warning(
    bench: Bench, tmp_path: Path
) -> None:
    """Until the next version; the API accepts no new ones."""
    config = tmp_path / "config"
    config.write_text("Host h\n")

    found = Accesses(bench.api, tmp_path).of(with_config(str(config)))

    assert found.ssh_config == str(config)
    assert "names paths of the daemon's machine" in found.deprecated


def test_a_secret_holds_the_key_and_the_known_hosts_of_ssh(
    bench: Bench, tmp_path: Path
) -> None:
    """They replace the files and the configuration of the user."""
    spec = EngineSpec(endpoint="ssh://h", ssh=EngineSsh("s"))
    asked = Engine(ObjectMeta(name="n1", uid="u"), spec)
    accesses = Accesses(bench.api, tmp_path / "100%")
    with pytest.raises(Unusable, match="secret kube-system/s: not found"):
        accesses.of(asked)
    contents = {"ssh-privatekey": b"-----BEGIN KEY", "known_hosts": b"h ssh-ed25519 A"}
    data = {key: base64.b64encode(text).decode() for key, text in contents.items()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    bench.api.create("secrets", body | {"data": data}, "kube-system")

    found = accesses.of(asked)

    kept = tmp_path / "100%" / "n1"
    lines = Path(found.ssh_config).read_text().splitlines()
    escaped = str(kept).replace("%", "%%")
    assert lines[0] == f'IdentityFile "{escaped}/ssh-privatekey"'
    assert "StrictHostKeyChecking yes" in lines
    assert (kept / "known_hosts").read_bytes() == contents["known_hosts"]
    assert (kept / "ssh-privatekey").stat().st_mode & 0o777 == 0o600
    assert accesses.of(asked) == found
    accesses.forget("n1")
    assert not kept.exists()


def test_a_secret_with_line_breaks(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """Base64 with line breaks is decoded."""
    contents = [path.read_bytes() for path in made]
    keys = ("ca.crt", "tls.crt", "tls.key")
    data = {
        key: base64.encodebytes(content).decode()
        for key, content in zip(keys, contents, strict=True)
    }
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    bench.api.create("secrets", body | {"data": data}, "kube-system")

    found = Accesses(bench.api, tmp_path).of(engine(EngineTls(secret_name="s")))

    assert found.tls is not None
    assert Path(found.tls.ca).read_bytes() == contents[0]
