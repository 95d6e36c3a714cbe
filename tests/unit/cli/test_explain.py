"""Error messages with kubectl's wording."""

from supervisor.cli.explain import explain
from supervisor.cli.failure import Failure
from supervisor.client.unreachable import Unreachable
from supervisor.model import errors


def test_errors_of_the_server_contain_the_reason() -> None:
    """Users search for these messages."""
    text, _ = explain(errors.not_found("pods", "x"))

    assert text == 'Error from server (NotFound): pods "x" not found'


def test_the_file_is_named_if_there_is_one() -> None:
    """Between reason and message; with a hint."""
    error = errors.already_exists("pods", "x")

    text, hint = explain(error, 'error when creating "f.yaml"')

    assert text == (
        'Error from server (AlreadyExists): error when creating "f.yaml": '
        'pods "x" already exists'
    )
    assert "supervisor apply" in hint


def test_a_single_cause_follows_the_object() -> None:
    """As kubectl prints validation errors."""
    cause = errors.required("spec.containers", "")

    text, _ = explain(errors.invalid_object("Pod", "x", [cause]))

    assert text == 'The Pod "x" is invalid: spec.containers: Required value'


def test_several_causes_are_listed() -> None:
    """One per line."""
    causes = [errors.required("a"), errors.required("b")]

    text, _ = explain(errors.invalid_object("Pod", "x", causes))

    assert text == (
        'The Pod "x" is invalid: \n* a: Required value\n* b: Required value'
    )


def test_an_unreachable_server_has_kubectls_message() -> None:
    """With `supervisor doctor` as a hint."""
    text, hint = explain(Unreachable("127.0.0.1:1", "connection refused"))

    assert text == (
        "The connection to the server 127.0.0.1:1 was refused - did you specify the "
        "right host or port?"
    )
    assert "doctor" in hint


def test_our_own_failures_are_errors() -> None:
    """With their hint."""
    assert explain(Failure("no", "try")) == ("error: no", "try")


def test_wrong_credentials_are_reported() -> None:
    """As kubectl does."""
    text, _ = explain(errors.unauthorized())

    assert text == "error: You must be logged in to the server (Unauthorized)"
