"""What the agent decides for a pod whose containers come and go."""

from collections.abc import Mapping

import msgspec

from supervisor.agent.pods.plan import Hold, explain, plan
from supervisor.agent.pods.plan.pod import SANDBOX_CHANGED
from supervisor.model.pod import ContainerStatus, ExecAction, Pod, PodStatus, Probe
from supervisor.probing.base import Kind, Verdicts
from supervisor.runtime.base import ObservedPod
from tests.unit.agent import build
from tests.unit.agent.build import container, created, exited, pod, running, sandbox
from tests.unit.agent.build import seen as engine_has

NOW = 1000.0


def text(
    declared: Pod,
    seen: ObservedPod | None,
    verdicts: Verdicts | None = None,
    *,
    now: float = NOW,
    holds: Mapping[str, Hold] | None = None,
) -> str:
    return explain(plan(declared, seen, verdicts or {}, now, holds))


def test_a_new_pod_gets_a_sandbox_and_then_its_containers() -> None:
    """Of a pod that the engine does not know, everything is started in one go."""
    assert text(pod(container("a"), container("b")), None) == (
        "start sandbox 0 (the pod has none)\n"
        "start a 0 (has not run yet)\n"
        "start b 0 (has not run yet)"
    )


def test_a_running_pod_is_left_alone() -> None:
    """Where all is as declared there is nothing to do and nothing to wait for."""
    assert text(pod(), engine_has(running())) == ""


def test_a_crashed_container_runs_again_at_once_the_first_time() -> None:
    """The first crash is forgiven: no wait, but the next one will meet 10 s."""
    todo = text(pod(), engine_has(exited(at=NOW)))

    assert todo == "start app 1 step 1 (exited with 1)"


def test_a_container_that_crashed_twice_waits() -> None:
    """The wait counts from the container's death, and its status says how long."""
    todo = text(pod(), engine_has(exited(attempt=1, at=NOW - 4, step=1)))

    assert todo == (
        "app waits: CrashLoopBackOff: back-off 10s restarting failed container=app "
        "pod=web_default(u-web)\n"
        "wake at 1006"
    )


def test_a_container_that_waited_long_enough_starts_with_the_next_step() -> None:
    """Once the wait is over the container starts, and its next wait doubles."""
    todo = text(pod(), engine_has(exited(attempt=1, at=NOW - 10, step=1)))

    assert todo == "start app 2 step 2 (exited with 1)"


def test_a_long_run_clears_the_record() -> None:
    """A run that ended more than ten minutes after its start begins again at 10 s."""
    dead = exited(attempt=7, created=NOW - 601, at=NOW, step=6)

    assert text(pod(), engine_has(dead)) == "start app 8 step 1 (exited with 1)"


def test_a_pod_may_bring_its_own_waits() -> None:
    """Annotations set the first and the longest wait of a pod's containers."""
    notes = {
        "supervisor.io/backoff-initial-seconds": "2",
        "supervisor.io/backoff-max-seconds": "5",
    }
    own = pod(meta={"annotations": notes})

    assert "wake at 1002" in text(own, engine_has(exited(at=NOW, step=1)))
    assert "wake at 1005" in text(own, engine_has(exited(at=NOW, step=4)))


def test_never_means_never() -> None:
    """A pod with policy Never ends with its containers; only its sandbox goes.

    Its address is reported first, by whoever has not come to it before.
    """
    never = pod(restart_policy="Never")

    assert text(never, engine_has(exited(code=1))) == (
        "report status (its address is not seen any more later)\n"
        "remove sandbox sandbox0 (the pod is over)"
    )
    told = pod(restart_policy="Never", status=PodStatus(pod_ip="10.0.0.7"))
    assert text(told, engine_has(exited(code=1))) == (
        "remove sandbox sandbox0 (the pod is over)"
    )


def test_on_failure_restarts_failures_only() -> None:
    """OnFailure lets a container rest after exit code 0, and no other."""
    two = pod(container("a"), container("b"), restart_policy="OnFailure")
    now_seen = engine_has(exited("a", code=0), exited("b", code=3))

    assert text(two, now_seen) == "start b 1 step 1 (exited with 3)"


def test_liveness_failure_kills_and_restarts_in_one_go() -> None:
    """The kill and the start are one pair, in the order of their doing."""
    alive = pod(container(liveness_probe=build.PROBE))
    verdicts = build.failing(Kind.LIVENESS, "app0")

    assert text(alive, engine_has(running()), verdicts) == (
        "kill app within 30 s "
        "(Container app failed liveness probe, will be restarted)\n"
        "start app 1 (killed to be restarted)"
    )


def test_a_verdict_on_another_instance_counts_for_nothing() -> None:
    """What was said of the dead container does not kill its successor."""
    alive = pod(container(liveness_probe=build.PROBE))
    verdicts = build.failing(Kind.LIVENESS, "app0")

    assert text(alive, engine_has(running(attempt=1)), verdicts) == ""


def test_under_never_a_probe_kill_is_the_end() -> None:
    """A failed probe kills under Never too, and nothing starts afterwards."""
    mortal = pod(container(startup_probe=build.PROBE), restart_policy="Never")
    verdicts = build.failing(Kind.STARTUP, "app0")

    assert text(mortal, engine_has(running()), verdicts) == (
        "kill app within 30 s (Container app failed startup probe)"
    )


def test_a_probe_kill_waits_when_the_previous_death_is_too_recent() -> None:
    """The wait is judged by the death before the kill, and counts from the kill."""
    alive = pod(container(liveness_probe=build.PROBE))
    now_seen = engine_has(
        running(attempt=3, at=NOW - 60, step=4), exited(attempt=2, at=NOW - 61)
    )
    todo = text(alive, now_seen, build.failing(Kind.LIVENESS, "app3"))

    assert todo.startswith("kill app within 30 s")
    assert "back-off 1m20s" in todo
    assert todo.endswith("wake at 1019")


def test_a_probe_may_bring_its_own_grace() -> None:
    """The grace of the probe replaces that of the pod for its own kills."""
    probe = Probe(exec=ExecAction(), termination_grace_period_seconds=3)
    alive = pod(container(liveness_probe=probe))
    todo = text(alive, engine_has(running()), build.failing(Kind.LIVENESS, "app0"))

    assert todo.startswith("kill app within 3 s")


def test_a_changed_image_replaces_the_container_whatever_the_policy() -> None:
    """Another image is another container, with a clean record."""
    changed = msgspec.structs.replace(container(), image="img:2")
    once = pod(changed, restart_policy="Never")

    assert text(once, engine_has(running(step=5))) == (
        "kill app within 30 s (Container app definition changed, will be restarted)\n"
        "start app 1 (killed to be restarted)"
    )


def test_a_dead_sandbox_takes_its_containers_with_it() -> None:
    """Containers without a network are killed; then all begins anew."""
    now_seen = engine_has(running(), sandboxes=(sandbox(alive=False),))

    assert text(pod(), now_seen) == (
        "kill app within 30 s (Stopping container app)\n"
        "remove sandbox sandbox0 (it is dead)\n"
        f"start sandbox 1 ({SANDBOX_CHANGED})\n"
        "start app 1 (killed to be restarted)"
    )


def test_of_two_running_instances_the_older_one_is_killed() -> None:
    """There are never two running containers for one name of a pod."""
    todo = text(pod(), engine_has(running(attempt=1), running(attempt=0)))

    assert todo == "kill app within 30 s (Container app runs twice)"


def test_one_dead_instance_is_kept() -> None:
    """The newest dead instance stays for `logs --previous`, older ones go."""
    now_seen = engine_has(running(attempt=2), exited(attempt=1), exited(attempt=0))

    assert text(pod(), now_seen) == "remove app app0 (an older instance)"


def test_a_container_that_was_never_started_is_made_again() -> None:
    """What an interrupted start has left counts for nothing."""
    assert text(pod(), engine_has(created())) == (
        "remove app app0 (was never started)\nstart app 0 (has not run yet)"
    )


def test_a_start_that_the_engine_refused_is_a_crash() -> None:
    """It is tried again at once, and then with the backoff."""
    todo = text(pod(), engine_has(created(error="no such file")))

    assert todo == "start app 1 step 1 (exited with 127)"


def test_a_container_removed_behind_our_back_comes_back() -> None:
    """What the last status knew and the engine lost counts on, but does not wait."""
    known = ContainerStatus(name="app", container_id="docker://app4", restart_count=4)
    status = PodStatus(container_statuses=(known,))

    assert text(pod(status=status), engine_has()) == "start app 5 (vanished)"


def test_a_hold_delays_the_start_and_says_why() -> None:
    """After a failed pull the container waits with that reason."""
    hold = Hold("ErrImagePull", "no such manifest", NOW + 5)

    assert text(pod(), engine_has(), holds={"app": hold}) == (
        "app waits: ErrImagePull: no such manifest\nwake at 1005"
    )


def test_the_deadline_of_a_pod_ends_it() -> None:
    """activeDeadlineSeconds are waited for, and then nothing is spared."""
    status = PodStatus(start_time="1970-01-01T00:00:00Z")
    brief = pod(status=status, active_deadline_seconds=1100)

    assert text(brief, engine_has(running())) == "wake at 1100"
    assert text(brief, engine_has(running()), now=1100.0) == (
        "kill app within 30 s (Stopping container app)"
    )
