"""What a container leaves behind as its last words."""

import pytest

from supervisor.model.meta import Object
from tests.checks import shell
from tests.integration.lab import Lab, state_of

pytestmark = pytest.mark.docker


def last_words(lab: Lab, script: str, **fields: object) -> str:
    pod = lab.finish("speaker", shell("main", script, **fields))
    end: Object = state_of(pod, "main")["state"]["terminated"]
    return str(end.get("message", ""))


def test_the_file_is_the_message(lab: Lab) -> None:
    """What was written to /dev/termination-log is shown, on success as well."""
    assert last_words(lab, "echo -n fine >/dev/termination-log") == "fine"


def test_the_path_can_be_chosen_and_written_by_anyone(lab: Lab) -> None:
    """A custom path works for a user who is not root, with a read-only root."""
    words = last_words(
        lab,
        "echo -n DONE >/var/messages/last; exit 1",
        terminationMessagePath="/var/messages/last",
        securityContext={"runAsUser": 1000, "readOnlyRootFilesystem": True},
    )
    assert words == "DONE"


@pytest.mark.parametrize("length", [4097, 8192, 9000, 100_000, 5_000_000])
def test_the_message_is_cut_at_4096_bytes(lab: Lab, length: int) -> None:
    """A message may be of any length; the status holds the last 4096 bytes."""
    script = f"(yes x | head -c {length - 1}; echo -n !) >/dev/termination-log"
    words = last_words(lab, script)
    assert (len(words), words[-1]) == (4096, "!")


def test_the_messages_of_a_pod_share_12_kib(lab: Lab) -> None:
    """Six containers have 2 KiB each, the beginning of what was read of their ends."""
    script = "(yes x | head -c 4096; echo -n end) >/dev/termination-log"
    names = [f"c{n}" for n in range(6)]
    pod = lab.finish("chorus", *(shell(name, script) for name in names))

    ends = [state_of(pod, name)["state"]["terminated"] for name in names]
    assert [len(end["message"]) for end in ends] == [2048] * 6


def test_the_log_does_not_speak_for_a_container_by_default(lab: Lab) -> None:
    """With the policy File, a failure without a message has none."""
    assert last_words(lab, "echo help; exit 1") == ""


def test_the_end_of_the_log_speaks_for_a_failure(lab: Lab) -> None:
    """FallbackToLogsOnError: the log's end, at most 80 lines, if the file is empty."""
    words = last_words(
        lab,
        "for i in $(seq 100); do echo line $i; done; exit 1",
        terminationMessagePolicy="FallbackToLogsOnError",
    )
    lines = words.splitlines()
    assert lines[-1] == "line 100"
    assert len(lines) == 80


def test_the_log_does_not_speak_for_a_success(lab: Lab) -> None:
    """FallbackToLogsOnError: nothing is taken from the log when all went well."""
    policy = "FallbackToLogsOnError"
    assert last_words(lab, "echo chatter", terminationMessagePolicy=policy) == ""


def test_the_file_goes_before_the_log(lab: Lab) -> None:
    """FallbackToLogsOnError: a message in the file wins, on failure too."""
    words = last_words(
        lab,
        "echo chatter; echo -n reason >/dev/termination-log; exit 1",
        terminationMessagePolicy="FallbackToLogsOnError",
    )
    assert words == "reason"


def test_each_instance_has_a_message_of_its_own(lab: Lab) -> None:
    """A restarted container does not find, nor repeat, its predecessor's words."""
    lab.run(
        "twice",
        shell("main", "cat /dev/termination-log; echo -n $RANDOM >/dev/termination-log")
        | {"lifecycle": {}},
    )
    status = lab.waiting("twice", "main", "CrashLoopBackOff")
    assert status["lastState"]["terminated"]["message"].isdigit()
    assert lab.logs("twice", "main", previous="true") == ""
