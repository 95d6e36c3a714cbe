"""Certificates: from Secrets and files, and what is said of those that are no good."""

import base64
from pathlib import Path

import pytest

from supervisor.app import certificates
from supervisor.app.engine_access import Accesses, Unusable
from supervisor.model.engine import Engine, EngineSpec, EngineTls
from supervisor.model.meta import ObjectMeta
from tests.unit.app.keeping import Bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Files:
    """A certificate, its key and who signed it."""
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
    """TLS libraries read files; they go with the Engine."""
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
    """Though the paths are the same: the engine is connected anew."""
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


def test_files_that_are_no_good_are_named(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """Before the engine is asked at all."""
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


def test_a_configuration_of_ssh_is_part_of_the_way(
    bench: Bench, tmp_path: Path
) -> None:
    """One that is missing is named; a change of it has the engine connected anew."""
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


def test_a_secret_with_line_breaks(
    bench: Bench, tmp_path: Path, made: certificates.Files
) -> None:
    """Certificates that were encoded in lines are the same certificates."""
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
