"""Chapter 4.3 to 4.6 of the book: ReplicaSets, DaemonSets, Jobs and CronJobs."""

import json
import re

import pytest

from tests.checks import eventually, ready_pods
from tests.kubectl.conftest import CONFIGS, Cli

pytestmark = [pytest.mark.kubectl, pytest.mark.docker]

QUICK = "echo starting; sleep 0.2; echo done"


def ready(cli: Cli, labels: str = "") -> list[str]:
    return ready_pods(cli.daemon.client, cli.namespace, labels)


def old(api_version: str, file: str, **names: str) -> str:
    """A manifest of ours in an older version, as the book prints it."""
    text = (CONFIGS / file).read_text()
    return re.sub("apiVersion: .*", f"apiVersion: {api_version}", text, count=1)


def test_a_replica_set_takes_over_from_a_controller(cli: Cli) -> None:
    """Its pods stay as they are when the controller is deleted without them."""
    cli("create", "-f", str(CONFIGS / "kubia-rc.yaml"))
    eventually(lambda: len(ready(cli)) == 3, what="three replicas")
    names = sorted(ready(cli))
    cli("delete", "rc", "kubia", "--cascade=orphan")

    made = cli("create", "-f", "-", stdin=old("apps/v1beta2", "kubia-replicaset.yaml"))

    assert made == "replicaset.apps/kubia created\n"
    eventually(lambda: " 3 " in cli("get", "rs", "kubia"), what="they are counted")
    assert sorted(ready(cli)) == names
    table = cli("get", "rs")
    assert re.search(r"NAME +DESIRED +CURRENT +READY +AGE\nkubia +3 +3 +3 +\d+s", table)
    cli("delete", "rs", "kubia")
    eventually(lambda: not ready(cli), what="its pods go")


def test_a_daemon_set_follows_the_labels_of_the_node(cli: Cli) -> None:
    """One pod once the node has an SSD, none when it has no more."""
    eventually(lambda: "Ready" in cli("get", "node"), what="the node is there")
    (node,) = cli("get", "node", "-o", "name").split()
    key = f"disk-{cli.namespace}"
    text = old("apps/v1beta2", "ssd-monitor-daemonset.yaml")
    cli("create", "-f", "-", stdin=text.replace("disk: ssd", f"{key}: ssd"))
    assert re.search(r"ssd-monitor +0 +0 +0", cli("get", "ds"))

    try:
        cli("label", node, f"{key}=ssd")
        eventually(lambda: len(ready(cli)) == 1, what="one pod")
        assert "SSD OK" in cli("logs", ready(cli)[0])
        cli("label", node, f"{key}=hdd", "--overwrite")
        eventually(lambda: not ready(cli), what="the pod goes")
    finally:
        cli("label", node, f"{key}-")


def job(cli: Cli, script: str = QUICK, **spec: object) -> str:
    """The book's Job, with a program that is quicker, as JSON."""
    made = json.loads(cli("create", "-f", BATCH, "--dry-run=client", "-o", "json"))
    made["spec"] = {"template": made["spec"]["template"]} | spec
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["command"] = ["sh", "-c", script]
    return json.dumps(made)


BATCH = str(CONFIGS / "batch-job.yaml")


def test_a_job_runs_until_enough_pods_have_succeeded(cli: Cli) -> None:
    """Five in all, two at a time; their logs stay readable."""
    cli("create", "-f", "-", stdin=job(cli, completions=5, parallelism=2))

    eventually(lambda: "Complete" in cli("get", "job"), what="the Job is complete")

    assert re.search(r"batch-job +Complete +5/5 +\d+s", cli("get", "job"))
    pods = cli("get", "po", "-o", "name").split()
    assert len(pods) == 5
    assert cli("logs", pods[0]) == "starting\ndone\n"
    assert "Job completed" in cli("describe", "job", "batch-job")


def test_a_job_that_takes_too_long_is_ended(cli: Cli) -> None:
    """By activeDeadlineSeconds; its pod goes."""
    cli("create", "-f", "-", stdin=job(cli, "exec sleep 1000", activeDeadlineSeconds=2))

    eventually(lambda: "Failed" in cli("get", "job"), what="the Job has failed")

    reason = "DeadlineExceeded .*Job was active longer than specified deadline"
    assert re.search(reason, cli("describe", "job", "batch-job"))
    assert ready(cli) == []


def test_a_cron_job_shows_its_schedule_and_can_be_run_now(cli: Cli) -> None:
    """In the version that the book prints."""
    cli("create", "-f", "-", stdin=old("batch/v1beta1", "batch-cronjob.yaml"))

    row = r"batch-job-every-fifteen-minutes +0,15,30,45 \* \* \* \* +<none> +False +0"
    assert re.search(row, cli("get", "cj"))
    kubectl = Cli(cli.daemon, cli.namespace, "kubectl")
    kubectl("create", "job", "now", "--from=cronjob/batch-job-every-fifteen-minutes")
    eventually(lambda: len(ready(cli)) == 1, what="its pod runs")
    assert "Batch job starting" in cli("logs", ready(cli)[0])
    cli("delete", "cj,job", "--all")


def test_a_deployment_goes_to_a_new_template_and_back(cli: Cli) -> None:
    """Step by step, with its history; `get all` shows each object once."""
    kubectl = Cli(cli.daemon, cli.namespace, "kubectl")
    cli("create", "-f", str(CONFIGS / "kubia-deployment.yaml"))
    kubectl("rollout", "status", "deploy/kubia", "--timeout=60s")
    kubectl("set", "env", "deploy/kubia", "VERSION=2")
    kubectl("rollout", "status", "deploy/kubia", "--timeout=60s")
    assert re.search(r"kubia +3/3 +3 +3", cli("get", "deploy"))

    kubectl("rollout", "undo", "deploy/kubia")
    kubectl("rollout", "status", "deploy/kubia", "--timeout=60s")

    assert re.findall(r"^\d+", kubectl("rollout", "history", "deploy/kubia"), re.M) == [
        "2",
        "3",
    ]
    listed = cli("get", "all")
    assert listed.count("deployment.apps/kubia ") == 1
    assert "Scaled up replica set kubia-" in cli("describe", "deploy", "kubia")
