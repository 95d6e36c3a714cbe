"""What an engine measures of containers and of its machine."""

import pytest

from supervisor.runtime.base import NotFound
from supervisor.runtime.base.claims import Claim
from tests.contract.runtime.lab import Lab, dead, new_pod, start


def test_usage_of_a_container_is_measured_while_it_runs(lab: Lab) -> None:
    """Memory is that of a shell, not that of the machine."""
    pod = new_pod()
    container_id = start(lab, pod)

    usage = lab.runtime.container_usage(container_id)

    assert 0 <= usage.cpu_cores < 8
    assert 0 < usage.memory_bytes < 512 << 20
    assert usage.window_seconds > 0
    lab.exit(pod, "app", 0)
    dead(lab, pod)
    with pytest.raises(NotFound):
        lab.runtime.container_usage(container_id)
    with pytest.raises(NotFound):
        lab.runtime.container_usage("no-such-container")


def test_usage_of_the_machine_is_measured_where_the_claim_runs(lab: Lab) -> None:
    """Without it nothing of ours can measure."""
    lab.drop_claim()
    with pytest.raises(NotFound):
        lab.runtime.machine_usage()
    claims = lab.runtime.claims
    claims.make(Claim("store-a"))
    made = claims.read()
    assert made is not None
    claims.run(made.id)

    usage = lab.runtime.machine_usage()

    assert usage.cpu_cores >= 0
    assert usage.memory_bytes > 1 << 20
    lab.drop_claim()
