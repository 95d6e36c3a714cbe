"""Liveness probes of every kind on real containers, and what their failure does."""

import pytest

from supervisor.model import times
from supervisor.model.meta import Object
from tests.checks import always, eventually, shell, web
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker

# Only tests of the time-out want attempts to fail because the machine is busy.
FAST: Object = {"periodSeconds": 1, "failureThreshold": 1, "timeoutSeconds": 20}
SITE = "mkdir /tmp/www; echo ok >/tmp/www/health; exec httpd -f -p 8000 -h /tmp/www"
HEALTH = """
const http2 = require('http2'), fs = require('fs');
http2.createServer().on('stream', stream => {
  stream.respond({':status': 200, 'content-type': 'application/grpc'},
                 {waitForTrailers: true});
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0'}));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, fs.existsSync('/sick') ? 2 : 1]));
}).listen(9000);
"""


def site(**fields: object) -> Object:
    """A server on 8000 whose /health can be taken away."""
    return shell("main", SITE, ports=[{"name": "web", "containerPort": 8000}], **fields)


def exec_probe(script: str, **fields: object) -> Object:
    return {"exec": {"command": ["sh", "-c", script]}} | FAST | fields


def test_a_failing_http_probe_restarts_the_container(lab: Lab) -> None:
    """By a named port: 404 is a failure, its event says so, a new container comes."""
    probe = {"httpGet": {"path": "/health", "port": "web"}} | FAST
    lab.run("sick", site(livenessProbe=probe))
    lab.ready("sick")
    first = lab.running("sick", "main").id
    always(lambda: lab.restarts("sick", "main") == 0, during=2)
    lab.exec("sick", "main", "rm", "/tmp/www/health")
    status = lab.restarted("sick", "main")
    assert lab.running("sick", "main").id != first
    assert status["lastState"]["terminated"]["containerID"] == f"docker://{first}"
    assert lab.told("sick", "Unhealthy") == (
        "Liveness probe failed: HTTP probe failed with statuscode: 404"
    )
    assert lab.told("sick", "Killing") == (
        "Container main failed liveness probe, will be restarted"
    )


def test_a_failing_tcp_probe_restarts_the_container(lab: Lab) -> None:
    """Nobody listens any more: the dial's error is in the event."""
    script = "httpd -p 8000 -h /etc; exec sleep 600"
    probe = {"tcpSocket": {"port": 8000}} | FAST | {"failureThreshold": 2}
    lab.run("deaf", shell("main", script, livenessProbe=probe))
    lab.ready("deaf")
    always(lambda: lab.restarts("deaf", "main") == 0, during=1.5)
    lab.exec("deaf", "main", "sh", "-c", "kill $(pidof httpd)")
    lab.restarted("deaf", "main")
    told = lab.told("deaf", "Unhealthy")
    assert told.startswith("Liveness probe failed: dial tcp ")
    assert told.endswith(":8000: connect: connection refused")


def test_a_failing_exec_probe_restarts_the_container(lab: Lab) -> None:
    """The command's output is the event's text."""
    script = "[ ! -e /tmp/sick ] || { echo out; echo err >&2; exit 3; }"
    lab.run("ill", shell("main", "exec sleep 600", livenessProbe=exec_probe(script)))
    lab.ready("ill")
    lab.exec("ill", "main", "touch", "/tmp/sick")
    lab.restarted("ill", "main")
    assert lab.told("ill", "Unhealthy").split() == [
        *("Liveness", "probe", "failed:", "out", "err")
    ]


def test_a_failing_grpc_probe_restarts_the_container(lab: Lab) -> None:
    """A health service that says NOT_SERVING."""
    server = web("main", command=["node", "-e", HEALTH])
    # Node takes its time to listen.
    probe = {"grpc": {"port": 9000}} | FAST | {"failureThreshold": 20}
    lab.run("rpc", server | {"livenessProbe": probe, "readinessProbe": probe})
    lab.ready("rpc")
    assert lab.restarts("rpc", "main") == 0
    lab.exec("rpc", "main", "node", "-e", "fs.writeFileSync('/sick', '')")
    lab.restarted("rpc", "main")
    told = lab.told("rpc", "Unhealthy", "NOT_SERVING")
    assert told.endswith('failed: service unhealthy (responded with "NOT_SERVING")')


def test_failures_below_the_threshold_kill_nothing(lab: Lab) -> None:
    """Failures count only in a row: a success in between starts the count again."""
    counting = (
        "n=$(cat /tmp/n 2>/dev/null || echo 0); echo $((n + 1)) >/tmp/n;"
        " [ $((n % 3)) = 2 ]"
    )
    probe = exec_probe(counting, failureThreshold=3)
    lab.run("shaky", shell("main", "exec sleep 600", livenessProbe=probe))

    def probed() -> int:
        script = "cat /tmp/n 2>/dev/null || echo 0"
        return int(lab.exec("shaky", "main", "sh", "-c", script)[1] or 0)

    lab.ready("shaky")
    eventually(lambda: probed() >= 6, what="two rounds of two failures")
    assert lab.restarts("shaky", "main") == 0


def test_the_first_probe_waits_for_its_delay(lab: Lab) -> None:
    """initialDelaySeconds: no attempt is made before."""
    probe = exec_probe("touch /tmp/asked; false", initialDelaySeconds=3)
    lab.run("young", shell("main", "exec sleep 600", livenessProbe=probe))
    status = lab.restarted("young", "main")
    end = status["lastState"]["terminated"]
    lived = times.to_seconds(end["finishedAt"]) - times.to_seconds(end["startedAt"])
    assert lived >= 3


def processes(lab: Lab, name: str, script: str) -> int:
    container = lab.running(name, "main")
    rows = container.top()["Processes"]
    return sum(script in " ".join(row) for row in rows)


def test_a_slow_exec_probe_times_out_and_leaves_no_process(lab: Lab) -> None:
    """timeoutSeconds: too slow is a failure, and the command is killed."""
    probe = exec_probe("sleep 7777", failureThreshold=30, timeoutSeconds=1)
    lab.run("slow", shell("main", "exec sleep 600", livenessProbe=probe))
    lab.ready("slow")
    told = lab.told("slow", "Unhealthy")
    assert told.startswith("Liveness probe failed: command timed out")
    assert '"sh -c sleep 7777" timed out after 1s' in told
    # One may be under way, none may pile up.
    eventually(lambda: processes(lab, "slow", "sleep 7777") >= 1)
    always(lambda: processes(lab, "slow", "sleep 7777") <= 2, during=4)


def test_the_probes_own_grace_goes_before_the_pods(lab: Lab) -> None:
    """terminationGracePeriodSeconds of the probe bounds the kill: 137 after it."""
    probe = exec_probe("false", terminationGracePeriodSeconds=2)
    deaf = "trap '' TERM; while :; do sleep 0.1; done"
    lab.run(
        "stuck",
        shell("main", deaf, livenessProbe=probe),
        terminationGracePeriodSeconds=500,
    )
    status = lab.restarted("stuck", "main")
    last = status["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("Error", 137)


def test_a_pod_that_is_never_restarted_fails_by_its_probe(lab: Lab) -> None:
    """Never: the container is killed, the pod ends Failed and the event has no promise
    of a restart.
    """
    pod = lab.finish(
        "lost", shell("main", "exec sleep 600", livenessProbe=exec_probe("false"))
    )
    assert pod["status"]["phase"] == "Failed"
    assert lab.told("lost", "Killing") == "Container main failed liveness probe"


def test_the_books_unhealthy_container_is_killed_with_137(lab: Lab) -> None:
    """kubia-unhealthy answers five times; three failures later it is replaced."""
    probe = {"httpGet": {"path": "/", "port": 8080}} | FAST | {"failureThreshold": 3}
    lab.run("kubia", web("kubia", "luksa/kubia-unhealthy", livenessProbe=probe))
    status = lab.restarted("kubia", "kubia")
    last = status["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("Error", 137)
    assert lab.told("kubia", "Unhealthy", "500")


def test_only_the_container_that_fails_is_restarted(lab: Lab) -> None:
    """Its neighbour keeps its instance."""
    lab.run(
        "pair",
        shell("bad", "exec sleep 600", livenessProbe=exec_probe("false")),
        shell("good", "exec sleep 600", livenessProbe=exec_probe("true")),
    )
    good = lab.running("pair", "good").id
    lab.restarted("pair", "bad")
    assert lab.running("pair", "good").id == good
    assert lab.restarts("pair", "good") == 0
