"""A relay passes everything as it is, until it is told to misbehave."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import docker.errors
import pytest
import requests

from tests.contract.lab_checks import IMAGE, OBEY, PATIENCE, run, silence, state
from tests.lab import Flaw, Lab, Relay

pytestmark = pytest.mark.docker

HOUR = 3600


@pytest.fixture
def relay(lab: Lab) -> Relay:
    """Before node 1's engine."""
    return lab.relay(1)


@pytest.fixture
def through(client: Any, relay: Relay) -> Iterator[Any]:
    """A client that speaks to the relay."""
    with closing(relay.endpoint().client(timeout=PATIENCE)) as made:
        yield made
        relay.heal()


def instant(text: str) -> float:
    """RFC 3339, without its nanoseconds."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp()


# -- passing


def test_all_kinds_of_requests_pass(lab: Lab, through: Any) -> None:
    """Bodies, streams and upgraded connections arrive as they are."""
    container = run(through, OBEY)
    told = through.exec_create(container, ["cat"], stdin=True)["Id"]
    stream = through.exec_start(told, socket=True)
    stream.write(b"there and back\n")
    assert stream.read(8 + 15)[8:] == b"there and back\n"
    stream.close()
    stream._response.close()

    size = sum(len(piece) for piece in through.get_image(IMAGE))
    assert size > 2_000_000
    with closing(lab.endpoint(1).client()) as direct:
        assert direct.info()["ID"] == through.info()["ID"]


def test_events_pass_as_they_happen(through: Any) -> None:
    """A stream is not held back until it ends."""
    with closing(through.events(decode=True)) as events:
        container = through.create_container(IMAGE, OBEY)["Id"]
        assert next(events)["id"] == container


def test_a_relay_suffers_what_its_node_does(lab: Lab, relay: Relay) -> None:
    """It is in the node's network, and returns with it."""
    assert relay.endpoint().host == lab.endpoint(1).host
    lab.partition(1)
    assert relay.endpoint().ping(timeout=0.5) == "timeout"
    lab.kill(1)
    assert relay.endpoint().ping(timeout=0.5) == "timeout"
    lab.start(1)
    assert relay.endpoint().ping(timeout=5) == "ok"


# -- misbehaving


def test_answers_errors(through: Any, relay: Relay) -> None:
    """A status for everything, or only for some requests."""
    relay.answer(500, '{"message":"out of luck"}')
    with pytest.raises(docker.errors.APIError, match=r"500.*out of luck"):
        through.info()

    relay.answer(503, only="POST .*/containers/create")
    assert through.info()["Name"] == "node1"
    with pytest.raises(docker.errors.APIError, match="503"):
        through.create_container(IMAGE, OBEY)


def test_answers_garbage(through: Any, relay: Relay) -> None:
    """What is no HTTP, and what is no JSON."""
    relay.garbage()
    with pytest.raises(requests.ConnectionError):
        through.info()

    relay.answer(200, "<html>")
    with pytest.raises(requests.JSONDecodeError):
        through.info()


def test_hangs_and_goes_on(through: Any, relay: Relay) -> None:
    """No request is answered, and streams stand still without an end."""
    with closing(through.events(decode=True)) as events:
        relay.hang()
        with silence(through):
            through.info()
        relay.heal()
        with pytest.raises(StopIteration):  # ended, as by an engine that is restarted
            next(events)
    assert through.info()


def test_drops_and_cuts(through: Any, relay: Relay) -> None:
    """The connection ends before the answer, or in the middle of it."""
    relay.drop()
    with pytest.raises(requests.ConnectionError):
        through.info()

    relay.cut(after=400, only="/info")
    with pytest.raises(requests.RequestException):
        through.info()
    assert through.ping()


def test_delays(through: Any, relay: Relay) -> None:
    """Every answer takes that long at least."""
    relay.delay(0.3)

    began = time.monotonic()
    through.ping()
    assert 0.3 <= time.monotonic() - began < PATIENCE


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        (Flaw.EXPIRED, "certificate has expired"),
        (Flaw.EARLY, "certificate is not yet valid"),
        (Flaw.STRANGER, "certificate signature failure"),
        (Flaw.NAME, "IP address mismatch"),
    ],
)
def test_presents_bad_certificates(relay: Relay, flaw: Flaw, said: str) -> None:
    """A client is told what is wrong with it, until it heals."""
    relay.present(flaw)

    assert said in relay.endpoint().ping(timeout=5)
    relay.heal()
    assert relay.endpoint().ping(timeout=5) == "ok"


def test_is_an_engine_of_long_ago(through: Any, relay: Relay) -> None:
    """It has no newer API than it is told, and refuses clients that insist."""
    relay.report_version("1.24")

    assert through.version(api_version=False)["ApiVersion"] == "1.24"
    assert through._get(f"{through.base_url}/_ping").headers["Api-Version"] == "1.24"
    with pytest.raises(docker.errors.APIError, match=r"client version .* is too new"):
        through.info()
    old = relay.endpoint().client(version="1.24")
    assert old.info()["Name"] == "node1"
    old.close()


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_has_a_wrong_clock(through: Any, relay: Relay, ahead: int) -> None:
    """All that is told is an hour off; questions are taken in the same time."""
    relay.shift_clock(ahead)
    began = time.time() + ahead
    label = {"when": "2020-01-01T00:00:00Z"}

    container = run(through, ["echo", "hello"], labels=label)
    through.wait(container)

    seen = through.inspect_container(container)
    times = [instant(state(through, container)[k]) for k in ("StartedAt", "FinishedAt")]
    times += [instant(through.info()["SystemTime"]), instant(seen["Created"])]
    times += [row["Created"] for row in through.containers(all=True)]
    log = through.logs(container, timestamps=True, since=int(began) - 5)
    times += [instant(log.decode())]
    end = int(time.time()) + ahead + 1
    happened = list(through.events(since=int(began) - 5, until=end, decode=True))
    times += [event["time"] for event in happened]
    times += [event["timeNano"] / 1e9 for event in happened]
    assert all(abs(when - began) < 20 for when in times), times
    actions = [e["Action"] for e in happened if e.get("id") == container]
    assert actions == ["create", "start", "die"]
    assert seen["Config"]["Labels"]["when"] == label["when"]
    assert log.endswith(b" hello\n")


def test_requests_are_recorded(through: Any, relay: Relay) -> None:
    """What was asked can be looked at, whether it was answered or not."""
    relay.answer(500)
    with pytest.raises(docker.errors.APIError):
        through.containers(all=True)

    method, target = relay.seen[-1]
    assert method == "GET" and "/containers/json?" in target and "all=1" in target
