"""Our command prints what kubectl prints, letter by letter.

Both are asked the same of one API, whose clock stands still. Needs kubectl 1.31 or
later: older ones differ from newer ones in their own words.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.api_server import ApiServer, serving
from tests.daemon import kubectl_path
from tests.fakes import manifests

pytestmark = pytest.mark.kubectl

_OLDEST = 31

READS = """\
get pods
get po -o wide
get all
get pods,rc,cm -A
get po,rc web
get po/web rc/rep
get pods --no-headers
get pods -L app,tier --show-labels
get pods -l app=none
get pods -l app!=web --field-selector status.phase=Pending
get pod web -o yaml
get pods -o yaml
get pods -o json
get pods -o name
get pods --sort-by=.metadata.name
get pods -o custom-columns=N:.metadata.name,P:.status.phase,X:.nope
get pods -o jsonpath={.items[*].metadata.name}
get pod web -o jsonpath={.spec.containers[0]}
get pods -o jsonpath={range.items[*]}{.metadata.name}{end}
get ns
get cm settings -o yaml
get pod nope
get pod web nope
get nosuchkind
get pod nope --ignore-not-found
get pods -n nowhere
get pods -o jsonpath={.items[0]
get secret
describe rc rep
describe pod web
describe ns default
describe cm settings
describe secret sec
describe pod nope
describe pods
logs web --tail=1
logs web --previous
logs -l app=web --prefix
exec web -- sh -c echo
exec web
exec web -c nope -- ls
exec nope -- ls
scale rc rep --replicas=-1
scale rc rep --replicas=3 --current-replicas=7
scale rc rep --replicas=4 --dry-run=server
label pod web app=other
label pod web
label pod web --list
label pods --all q=1 --dry-run=server
label rc rep q=1 --dry-run=client -o yaml
annotate pod web note=1 --dry-run=server
delete pod
delete pods
delete pod nope
delete pod web --dry-run=client
delete pod web --dry-run=server
delete pod web --cascade=foo
delete pods --all -n kube-system
create ns other --dry-run=server -o name
create cm x --from-literal=a
apply -f /nope
edit pod nope
events --types=X
""".splitlines()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API with one object of most kinds."""
    told = subprocess.run(
        [kubectl_path(), "version", "--client", "-o", "json"],
        capture_output=True,
        check=True,
    )
    minor = str(json.loads(told.stdout)["clientVersion"]["minor"])
    if int(minor.rstrip("+")) < _OLDEST:
        pytest.skip(f"kubectl 1.{minor} is older than 1.{_OLDEST}")
    with serving(tmp_path_factory.mktemp("state")) as made:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sec"}}
        for resource, body in (
            ("pods", manifests.pod("web")),
            ("pods", manifests.pod("other", restartPolicy="Never")),
            ("replicationcontrollers", manifests.replication_controller()),
            # One key: kubectl describes several in an order of chance.
            ("configmaps", manifests.config_map("settings", b="x\ny")),
            ("secrets", secret | {"stringData": {"pw": "geheim"}}),
        ):
            made.registry.create(resource, body, "default")
        made.registry.bind("web", "default", "node-1")
        made.node.log.write(b"line 0\n")
        made.node.log.write(b"line 1\n")
        yield made


def said(server: ApiServer, program: list[str], words: str) -> tuple[int, str, str]:
    environment = os.environ | {"KUBECONFIG": str(server.kubeconfig), "TZ": "UTC"}
    done = subprocess.run(
        [*program, *words.split()],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        timeout=60,
        check=False,
    )
    # Hints are ours alone, and each program calls itself by its name.
    lines = [line for line in done.stderr.splitlines() if not line.startswith("hint: ")]
    shown = "\n".join(line for line in lines if not line.startswith("See '"))
    return done.returncode, done.stdout, shown.replace("supervisor", "kubectl")


@pytest.mark.parametrize("words", READS)
def test_output_and_exit_code_are_kubectls(server: ApiServer, words: str) -> None:
    """Standard output, errors and exit code are the same."""
    theirs = said(server, [kubectl_path()], words)

    assert said(server, [sys.executable, "-m", "supervisor"], words) == theirs
