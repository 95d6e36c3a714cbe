"""Validation of Engines."""

import ipaddress
import re

from supervisor.model import endpoint, names
from supervisor.model.endpoint import Endpoint
from supervisor.model.engine import (
    FROM_CONFIGURATION,
    REACH_MODES,
    SOURCE,
    TLS_FILES,
    named_files,
)
from supervisor.model.errors import (
    FieldError,
    forbidden_field,
    invalid,
    required,
    unsupported,
)
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_NETWORK_LENGTH = 255
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_LABELS_OF_AGENT = ("kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch")
_ABSOLUTE = "must be an absolute path on the daemon's machine"
_NO_PATH = (
    "paths are allowed only in the daemon's settings: put the contents into a Secret "
    "({secret}), or use the name of a file in the engineFiles folder of the settings"
)
_NO_FILE = (
    "must be the name of a file in the engineFiles folder of the daemon's settings, "
    "such as host2/key.pem"
)
_WITHOUT_TLS = (
    "without TLS, anyone who can connect to this port is root on the host: set tls, or "
    "set insecure to true to allow this"
)


def check(engine: Object) -> Errors:
    # As for Nodes; the name is also the value of the label kubernetes.io/hostname.
    meta = engine["metadata"]
    yield from metadata.check(meta, namespaced=False, name_check=_node_name)
    spec = engine.get("spec") or {}
    yield from check_spec(spec, "spec")
    yield from _files(engine, named_files(spec), "spec")


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    if spec != before:
        # An unchanged spec, accepted by an earlier version, must not block deletion.
        yield from check_spec(spec, "spec")
    files, kept = named_files(spec), named_files(before)
    if _is_configured(new) == _is_configured(old):
        files = {
            field: name for field, name in files.items() if name != kept.get(field)
        }
    yield from _files(new, files, "spec")


def warnings(engine: Object) -> list[str]:
    """Warnings for deprecated paths."""
    if _is_configured(engine):
        return []
    return [
        f"spec.{field}: paths in Engines are deprecated and will be rejected by the "
        f"next version: put the contents into a Secret ({_secret_of(field)})"
        for field, name in named_files(engine.get("spec") or {}).items()
        if name.startswith("/")
    ]


def _is_configured(engine: Object) -> bool:
    annotations = engine["metadata"].get("annotations") or {}
    return bool(annotations.get(SOURCE) == FROM_CONFIGURATION)


def _files(engine: Object, files: dict[str, str], field: str) -> Errors:
    """Check file names; Engines from the settings must have absolute paths."""
    for name, path in files.items():
        if _is_configured(engine):
            if not path.startswith("/"):
                yield invalid(f"{field}.{name}", path, _ABSOLUTE)
        elif path.startswith("/"):
            text = _NO_PATH.format(secret=_secret_of(name))
            yield forbidden_field(f"{field}.{name}", text)
        elif not _FILE.fullmatch(path):
            yield invalid(f"{field}.{name}", path, _NO_FILE)


def _secret_of(field: str) -> str:
    return "spec.tls.secretName" if field.startswith("tls.") else "spec.ssh.secretName"


def _node_name(text: str) -> list[str]:
    return names.dns_subdomain(text) or names.label_value(text)


def check_spec(spec: Object, field: str) -> Errors:
    """Validate a spec with defaults set."""
    endpoint_, errors = _endpoint(spec.get("endpoint"), f"{field}.endpoint")
    yield from errors
    if endpoint_ is not None:
        yield from _security(endpoint_, spec, field)
        yield from _reach(endpoint_, spec, field)
    network = spec.get("network") or ""
    if len(network) > _NETWORK_LENGTH or network in ("host", "none"):
        detail = "must be a Docker network that assigns addresses to containers"
        yield invalid(f"{field}.network", network, detail)
    yield from _labels(spec.get("labels") or {}, f"{field}.labels")


def _endpoint(text: str | None, field: str) -> tuple[Endpoint | None, list[FieldError]]:
    if not text:
        return None, [required(field)]
    try:
        return endpoint.parse(text), []
    except ValueError as error:
        return None, [invalid(field, text, str(error))]


def _security(endpoint_: Endpoint, spec: Object, field: str) -> Errors:
    """tcp requires TLS or `insecure`; other schemes allow neither."""
    yield from _ssh(endpoint_, spec, field)
    tls, insecure = spec.get("tls"), bool(spec.get("insecure"))
    if endpoint_.scheme != "tcp":
        detail = f"only allowed for tcp:// endpoints, this is {endpoint_.scheme}://"
        if tls is not None:
            yield forbidden_field(f"{field}.tls", detail)
        if insecure:
            yield forbidden_field(f"{field}.insecure", detail)
        return
    if tls is None and not insecure:
        yield required(f"{field}.tls", _WITHOUT_TLS)
    if tls is not None:
        if insecure:
            yield forbidden_field(
                f"{field}.insecure", "may not be set together with tls"
            )
        yield from _tls(tls, f"{field}.tls")


def _ssh(endpoint_: Endpoint, spec: Object, field: str) -> Errors:
    given = [name for name in ("sshConfig", "ssh") if spec.get(name)]
    if endpoint_.scheme != "ssh":
        detail = f"only allowed for ssh:// endpoints, this is {endpoint_.scheme}://"
        for name in given:
            yield forbidden_field(f"{field}.{name}", detail)
        return
    if len(given) > 1:
        yield forbidden_field(f"{field}.sshConfig", "may not be set together with ssh")
    if spec.get("ssh") is not None:
        secret = spec["ssh"].get("secretName")
        if not secret:
            yield required(f"{field}.ssh.secretName")
        else:
            named = f"{field}.ssh.secretName"
            yield from report.named(named, secret, names.dns_subdomain)


def _tls(tls: Object, field: str) -> Errors:
    secret = tls.get("secretName")
    given = [name for name in TLS_FILES if tls.get(name)]
    if secret:
        for name in given:
            yield forbidden_field(
                f"{field}.{name}", "may not be set together with secretName"
            )
        yield from report.named(f"{field}.secretName", secret, names.dns_subdomain)
    elif not given:
        yield required(f"{field}.secretName", "or caFile, certFile and keyFile")
    else:
        for name in TLS_FILES:
            if not tls.get(name):
                yield required(f"{field}.{name}")


def _reach(endpoint_: Endpoint, spec: Object, field: str) -> Errors:
    reach = spec.get("reach") or "Auto"
    if reach not in REACH_MODES:
        yield unsupported(f"{field}.reach", reach, REACH_MODES)
    elif reach == "Tunnel" and endpoint_.scheme != "ssh":
        detail = f"only allowed for ssh:// endpoints, this is {endpoint_.scheme}://"
        yield invalid(f"{field}.reach", reach, detail)
    address = spec.get("publishAddress")
    if not address:
        return
    try:
        ipaddress.ip_address(address)
    except ValueError:
        detail = "must be an IP address of the engine's host"
        yield invalid(f"{field}.publishAddress", address, detail)
    if reach in ("Direct", "Tunnel"):
        detail = f"no ports are published if reach is {reach}"
        yield forbidden_field(f"{field}.publishAddress", detail)


def _labels(labels: Object, field: str) -> Errors:
    yield from report.labels(field, labels)
    for key in _LABELS_OF_AGENT:
        if key in labels:
            yield forbidden_field(f"{field}[{key}]", "the node's agent sets this label")
