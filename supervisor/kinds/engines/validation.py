"""Engines: what an address, its TLS and the way to its pods may be."""

import ipaddress

from supervisor.model import endpoint, names
from supervisor.model.endpoint import Endpoint
from supervisor.model.engine import REACHES
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
_FILES = ("caFile", "certFile", "keyFile")
_LABELS_OF_AGENT = ("kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch")
_ABSOLUTE = "must be an absolute path on the daemon's machine"
_WITHOUT_TLS = (
    "without TLS anyone who reaches this port is root on the host: give tls, or set "
    "insecure to true if that is wanted"
)


def check(engine: Object) -> Errors:
    # As a node's: the name becomes a label's value (kubernetes.io/hostname) too.
    meta = engine["metadata"]
    yield from metadata.check(meta, namespaced=False, name_check=_node_name)
    yield from check_spec(engine.get("spec") or {}, "spec")


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from check_spec(new.get("spec") or {}, "spec")


def _node_name(text: str) -> list[str]:
    return names.dns_subdomain(text) or names.label_value(text)


def check_spec(spec: Object, field: str) -> Errors:
    """Everything wrong with a spec that has its defaults."""
    where, wrong = _endpoint(spec.get("endpoint"), f"{field}.endpoint")
    yield from wrong
    if where is not None:
        yield from _trust(where, spec, field)
        yield from _reach(where, spec, field)
    network = spec.get("network") or ""
    if len(network) > _NETWORK_LENGTH or network in ("host", "none"):
        detail = "must be a Docker network in which containers have addresses"
        yield invalid(f"{field}.network", network, detail)
    yield from _labels(spec.get("labels") or {}, f"{field}.labels")


def _endpoint(text: str | None, field: str) -> tuple[Endpoint | None, list[FieldError]]:
    if not text:
        return None, [required(field)]
    try:
        return endpoint.parse(text), []
    except ValueError as error:
        return None, [invalid(field, text, str(error))]


def _trust(where: Endpoint, spec: Object, field: str) -> Errors:
    """TLS belongs to tcp, and tcp without it must be wanted; ssh has its own file."""
    yield from _ssh_config(where, spec.get("sshConfig"), f"{field}.sshConfig")
    tls, insecure = spec.get("tls"), bool(spec.get("insecure"))
    if where.scheme != "tcp":
        detail = f"only tcp endpoints use it, and this is {where.scheme}://"
        if tls is not None:
            yield forbidden_field(f"{field}.tls", detail)
        if insecure:
            yield forbidden_field(f"{field}.insecure", detail)
        return
    if tls is None and not insecure:
        yield required(f"{field}.tls", _WITHOUT_TLS)
    if tls is not None:
        if insecure:
            yield forbidden_field(f"{field}.insecure", "may not be set beside tls")
        yield from _tls(tls, f"{field}.tls")


def _ssh_config(where: Endpoint, path: str | None, field: str) -> Errors:
    if not path:
        return
    if where.scheme != "ssh":
        detail = f"only ssh endpoints use it, and this is {where.scheme}://"
        yield forbidden_field(field, detail)
    elif not path.startswith("/"):
        yield invalid(field, path, _ABSOLUTE)


def _tls(tls: Object, field: str) -> Errors:
    secret = tls.get("secretName")
    given = [name for name in _FILES if tls.get(name)]
    if secret:
        for name in given:
            yield forbidden_field(f"{field}.{name}", "may not be set beside secretName")
        yield from report.named(f"{field}.secretName", secret, names.dns_subdomain)
        return
    if not given:
        yield required(f"{field}.secretName", "or caFile, certFile and keyFile")
        return
    for name in _FILES:
        path = tls.get(name) or ""
        if not path:
            yield required(f"{field}.{name}")
        elif not path.startswith("/"):
            yield invalid(f"{field}.{name}", path, _ABSOLUTE)


def _reach(where: Endpoint, spec: Object, field: str) -> Errors:
    reach = spec.get("reach") or "Auto"
    if reach not in REACHES:
        yield unsupported(f"{field}.reach", reach, REACHES)
    elif reach == "Tunnel" and where.scheme != "ssh":
        detail = f"only ssh endpoints have a tunnel, and this is {where.scheme}://"
        yield invalid(f"{field}.reach", reach, detail)
    address = spec.get("publishAddress")
    if not address:
        return
    try:
        ipaddress.ip_address(address)
    except ValueError:
        detail = "must be an IP address of the engine's host, which ports are bound to"
        yield invalid(f"{field}.publishAddress", address, detail)
    if reach in ("Direct", "Tunnel"):
        detail = f"nothing is published when reach is {reach}"
        yield forbidden_field(f"{field}.publishAddress", detail)


def _labels(labels: Object, field: str) -> Errors:
    yield from report.labels(field, labels)
    for key in _LABELS_OF_AGENT:
        if key in labels:
            yield forbidden_field(f"{field}[{key}]", "the node's agent sets this label")
