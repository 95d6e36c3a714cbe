"""HTTP probes take for an answer what Go's client does, and nothing else."""

import asyncio

import pytest

from supervisor.model.pod import HttpGetAction
from supervisor.probing import http
from supervisor.runtime.reach import Way
from tests.go_client.answers import ANSWERS, Answer
from tests.go_client.server import serving


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: a.name)
def test_an_answer_means_what_it_means_to_the_kubelet(answer: Answer) -> None:
    """Success, warning, failure, or an error that counts as nothing."""
    timeout = 0.4 if answer.stays else 10
    with serving(answer) as port:
        action = HttpGetAction(port)
        first = http.request(
            action, "127.0.0.1", port, way=lambda p: Way("127.0.0.1", p)
        )
        attempt = asyncio.run(http.probe(first, timeout))

    assert attempt.outcome is answer.means, attempt.output
