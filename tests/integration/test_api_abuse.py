"""Clients that send nonsense, too much, too slowly, too often: all stays well."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from tests.checks import eventually, pod_manifest, shell
from tests.daemon import Daemon
from tests.integration.lab import Lab

pytestmark = [
    pytest.mark.docker,
    pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning"),
]

MAX_MEMORY = 160 * 2**20


class Raw:
    """The API as anyone with the token may talk to it."""

    def __init__(self, daemon: Daemon) -> None:
        config = yaml.safe_load(daemon.kubeconfig.read_text())
        self.url: str = config["clusters"][0]["cluster"]["server"]
        self.token: str = config["users"][0]["user"]["token"]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token}"
        self.session.verify = False
        self.session.trust_env = False
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.pods = "/api/v1/namespaces/default/pods"

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> requests.Response:
        headers = {"Content-Type": kind}
        return self.session.request(
            method, self.url + path, data=body, headers=headers, timeout=30
        )

    def connect(self) -> ssl.SSLSocket:
        parts = urlsplit(self.url)
        plain = socket.create_connection((parts.hostname, parts.port), 10)
        return self.context.wrap_socket(plain)


@pytest.fixture
def raw(daemon: Daemon) -> Iterator[Raw]:
    made = Raw(daemon)
    yield made
    made.session.close()
    assert daemon.process.poll() is None, daemon.tail()
    assert daemon.client.get("namespaces", "default")
    assert "Traceback" not in daemon.log.read_text(), daemon.tail(80)


def memory(daemon: Daemon) -> int:
    text = Path(f"/proc/{daemon.process.pid}/status").read_text()
    row = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(row.split()[1]) * 1024


def refusal(answer: requests.Response, code: int) -> str:
    """The message of a Status with that code."""
    assert answer.status_code == code, answer.text[:300]
    body = answer.json()
    assert (body["kind"], body["status"], body["code"]) == ("Status", "Failure", code)
    return str(body["message"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"42",
        b'"pod"',
        b"\x00\xff\xfe",
        b"{}{}",
        b'{"kind": "Pod"',
        b"kind: Pod",
        b'{"a": ' * 5000,
        b"[" * 200_000,
        json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": 5}).encode(),
        json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": []}).encode(),
        json.dumps({"apiVersion": "v1", "kind": "Service"}).encode(),
        json.dumps({"apiVersion": "v2", "kind": "Pod"}).encode(),
        b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\\ud800"}}',
    ],
)
def test_a_body_that_is_no_pod_is_refused(raw: Raw, body: bytes) -> None:
    """400 or 422 with a Status, whatever the bytes."""
    answer = raw("POST", raw.pods, body)
    assert answer.status_code in (400, 422), answer.text[:300]
    assert answer.json()["kind"] == "Status"
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["spec", "containers"], 5, "containers"),
        (["spec", "containers"], "x", "containers"),
        (["spec", "containers", 0, "ports"], [{"containerPort": "x"}], "containerPort"),
        (["spec", "containers", 0, "ports"], [{"containerPort": 0}], "containerPort"),
        (["spec", "containers", 0, "name"], "Not A Name", "name"),
        (["spec", "containers", 0, "image"], None, "image"),
        (["spec", "containers", 0, "command"], "ls", "command"),
        (["spec", "containers", 0, "livenessProbe"], {}, "livenessProbe"),
        (["spec", "restartPolicy"], "Sometimes", "restartPolicy"),
        (["spec", "terminationGracePeriodSeconds"], "soon", "terminationGrace"),
        (["spec", "volumes"], [{"name": "a"}, {"name": "a"}], "volumes[1].name"),
        (["metadata", "name"], "-bad-", "metadata.name"),
        (["metadata", "labels"], {"a b": "c"}, "labels"),
        (["metadata", "labels"], {"a": 5}, "labels"),
    ],
)
def test_a_wrong_field_is_named(
    raw: Raw, path: list[Any], value: object, field: str
) -> None:
    """A value of the wrong type or range is refused by the path of its field."""
    body = pod_manifest("wrong", shell("main", "exit 0"))
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    answer = raw("POST", raw.pods, json.dumps(body))
    assert answer.status_code in (400, 422), answer.text[:300]
    assert field in answer.json()["message"]


def test_a_body_of_five_megabytes_is_refused(raw: Raw, daemon: Daemon) -> None:
    """413, and the memory is not kept."""
    body = pod_manifest("big", shell("main", "x" * 5_000_000))
    for _ in range(10):
        # The answer may come before the whole body was sent.
        with contextlib.suppress(requests.ConnectionError):
            assert raw("POST", raw.pods, json.dumps(body)).status_code == 413
    assert memory(daemon) < MAX_MEMORY


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v9/pods", 404),
        ("GET", "/api/v1/gadgets", 404),
        ("GET", "/apis/none.io/v1/things", 404),
        ("GET", "/api/v1/namespaces/default/pods/x/y/z", 404),
        ("GET", "/api/v1/namespaces/default/pods/%2e%2e%2f%2e%2e", 404),
        ("GET", "/api/v1/namespaces/default/pods/" + "x" * 5000, 404),
        ("PUT", "/api/v1/namespaces/default/pods", 405),
        ("POST", "/api/v1/namespaces/default/pods/x", 405),
        ("BREW", "/api/v1/namespaces/default/pods", 405),
        ("GET", "/api/v1/pods?labelSelector=a%20in%20(", 400),
        ("GET", "/api/v1/pods?fieldSelector=nonsense", 400),
        ("GET", "/api/v1/pods?fieldSelector=spec.nothing%3Dx", 400),
        ("GET", "/api/v1/pods?limit=many", 400),
        ("GET", "/api/v1/pods?watch=1&resourceVersion=abc", 400),
        ("GET", "/api/v1/pods?continue=nonsense", 400),
    ],
)
def test_paths_and_parameters_that_are_wrong(
    raw: Raw, method: str, path: str, code: int
) -> None:
    """A Status with the right code, and a message."""
    assert refusal(raw(method, path), code)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", "Basic dXNlcjpwdw==", "Bearer " + "x" * 9000],
)
def test_without_the_token_nothing_is_answered(raw: Raw, header: str | None) -> None:
    """401 for reading and writing alike, before anything else is looked at."""
    headers = {"Authorization": header}
    for method, path in (("GET", "/api/v1/pods"), ("POST", raw.pods), ("GET", "/x")):
        answer = raw.session.request(
            method, raw.url + path, headers=headers, timeout=10
        )
        assert refusal(answer, 401)


@pytest.mark.parametrize(
    ("patch", "kind", "code"),
    [
        (b"nonsense", "application/json-patch+json", 400),
        (b"{}", "application/json-patch+json", 400),
        (b'[{"op": "fly"}]', "application/json-patch+json", 400),
        (
            b'[{"op": "replace", "path": "/no/such", "value": 1}]',
            "application/json-patch+json",
            422,
        ),
        (
            b'[{"op":"test","path":"/data","value":1}]',
            "application/json-patch+json",
            422,
        ),
        (b"[]", "application/merge-patch+json", 400),
        (b'{"data": 5}', "application/merge-patch+json", 400),
        (b'{"metadata": null}', "application/strategic-merge-patch+json", 200),
        (b"{}", "text/plain", 415),
    ],
)
def test_patches_that_are_wrong(raw: Raw, patch: bytes, kind: str, code: int) -> None:
    """Refused with a Status; nothing is changed by halves."""
    path = "/api/v1/namespaces/default/configmaps"
    made = {"metadata": {"generateName": "patched-"}, "data": {"a": "b"}}
    name = raw("POST", path, json.dumps(made)).json()["metadata"]["name"]
    answer = raw("PATCH", f"{path}/{name}", patch, kind)
    if code != 200:
        assert answer.status_code in (code, 400, 422), answer.text[:300]
        assert answer.json()["kind"] == "Status"
    assert raw("GET", f"{path}/{name}").json()["data"] == {"a": "b"}


def test_two_hundred_watches_at_once(raw: Raw, lab: Lab) -> None:
    """Each is told of a change, others go on being served, and all are let go of."""
    before = memory(lab.daemon)
    watches = [raw.connect() for _ in range(200)]
    request = (
        f"GET /api/v1/namespaces/{lab.namespace}/configmaps?watch=1 HTTP/1.1\r\n"
        f"Host: x\r\nAuthorization: Bearer {raw.token}\r\n\r\n"
    )
    for watch in watches:
        watch.sendall(request.encode())
    for watch in watches:
        assert b"200 OK" in watch.recv(4096)
    began = time.monotonic()
    lab.make("configmaps", "news", data={})
    for watch in watches:
        seen = b""
        while b'"news"' not in seen:
            seen += watch.recv(65536)
    assert time.monotonic() - began < 20
    lab.client.list("pods", lab.namespace)
    assert memory(lab.daemon) < MAX_MEMORY + 60 * 2**20
    for watch in watches:
        watch.close()
    open_ = Path(f"/proc/{lab.daemon.process.pid}/fd")
    eventually(lambda: len(list(open_.iterdir())) < 120, within=30, what="let go")
    assert memory(lab.daemon) - before < 80 * 2**20


def test_slow_clients_hold_up_nobody(raw: Raw, daemon: Daemon) -> None:
    """Half a handshake, half a head and half a body, a hundred times."""
    parts = urlsplit(raw.url)
    plain = [
        socket.create_connection((parts.hostname, parts.port), 10) for _ in range(40)
    ]
    heads = [raw.connect() for _ in range(30)]
    for head in heads:
        head.sendall(b"GET /api/v1/pods HTTP/1.1\r\nHost:")
    bodies = [raw.connect() for _ in range(30)]
    for body in bodies:
        body.sendall(
            b"POST /api/v1/namespaces/default/pods HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer " + raw.token.encode() + b"\r\n"
            b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        )
    began = time.monotonic()
    for _ in range(20):
        daemon.client.list("pods")
    assert time.monotonic() - began < 5
    for sock in (*plain, *heads, *bodies):
        sock.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 nonsense",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /api/v1/pods HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/pods HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /api/v1/namespaces/x/pods/y/exec HTTP/1.1\r\nUpgrade: nothing\r\n"
        b"Connection: Upgrade\r\n\r\n",
    ],
)
def test_what_is_no_http_is_hung_up_on(raw: Raw, sent: bytes) -> None:
    """An answer or the end of the connection, and no trace in the log."""
    with raw.connect() as sock, contextlib.suppress(OSError):
        sock.settimeout(10)
        sock.sendall(sent)
        while sock.recv(65536):
            break


def test_many_at_once(raw: Raw, lab: Lab) -> None:
    """Sixteen clients that write as fast as they can: all is there, once."""
    failures: list[Exception] = []

    def work(number: int) -> None:
        client = lab.daemon.new_client()
        try:
            for index in range(25):
                body = {"metadata": {"name": f"n-{number}-{index}"}}
                client.create("configmaps", body, lab.namespace)
        except Exception as error:  # noqa: BLE001  told below
            failures.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(lab.client.list("configmaps", lab.namespace).items) == 400
    assert memory(lab.daemon) < MAX_MEMORY
