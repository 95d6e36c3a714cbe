"""Errors in kubectl's words."""

from supervisor.cli.explain import explain
from supervisor.cli.failure import Failure
from supervisor.client.unreachable import Unreachable
from supervisor.model import errors


def test_refusals_of_the_server_name_their_reason() -> None:
    """Users search for these words."""
    text, _ = explain(errors.not_found("pods", "x"))

    assert text == 'Error from server (NotFound): pods "x" not found'


def test_the_file_is_named_where_there_is_one() -> None:
    """Between the reason and the message; the hint shows another way."""
    error = errors.already_exists("pods", "x")

    text, hint = explain(error, 'error when creating "f.yaml"')

    assert text == (
        'Error from server (AlreadyExists): error when creating "f.yaml": '
        'pods "x" already exists'
    )
    assert "supervisor apply" in hint


def test_one_cause_stands_behind_the_object() -> None:
    """As kubectl shows validation."""
    cause = errors.required("spec.containers", "")

    text, _ = explain(errors.invalid_object("Pod", "x", [cause]))

    assert text == 'The Pod "x" is invalid: spec.containers: Required value'


def test_several_causes_stand_below_each_other() -> None:
    """One line each."""
    causes = [errors.required("a"), errors.required("b")]

    text, _ = explain(errors.invalid_object("Pod", "x", causes))

    assert text == (
        'The Pod "x" is invalid: \n* a: Required value\n* b: Required value'
    )


def test_a_server_that_is_not_there_is_kubectls_sentence() -> None:
    """With the doctor as hint."""
    text, hint = explain(Unreachable("127.0.0.1:1", "connection refused"))

    assert text == (
        "The connection to the server 127.0.0.1:1 was refused - did you specify the "
        "right host or port?"
    )
    assert "doctor" in hint


def test_our_own_failures_are_errors() -> None:
    """With the hint that they bring."""
    assert explain(Failure("no", "try")) == ("error: no", "try")


def test_wrong_credentials_are_told() -> None:
    """As kubectl does."""
    text, _ = explain(errors.unauthorized())

    assert text == "error: You must be logged in to the server (Unauthorized)"
