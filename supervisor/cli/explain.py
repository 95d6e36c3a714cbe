"""Error messages with kubectl's wording, and hints for common errors.

Follows kubectl/pkg/cmd/util/helpers.go (StandardErrorMessage, MultilineError).
"""

from supervisor.cli.failure import Failure
from supervisor.client.unreachable import Unreachable
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError


def explain(error: ApiError | Failure, doing: str = "") -> tuple[str, str]:
    """The message and the hint, which may be empty, for an error.

    `doing` is a prefix with step and file, such as `error when creating "f.yaml"`.
    """
    if isinstance(error, Failure):
        return f"error: {error.message}", error.hint
    if isinstance(error, Unreachable):
        return _unreachable(error)
    if error.code == 401:
        text = f"error: You must be logged in to the server ({error.message})"
        return text, "the daemon does not accept the token of this kubeconfig"
    if error.reason == "Invalid" and error.details.get("causes"):
        return _invalid(error), ""
    reason = f" ({error.reason})" if error.reason not in ("", "Unknown") else ""
    message = f"{doing}: {error.message}" if doing else error.message
    return f"Error from server{reason}: {message}", _hint(error)


def _unreachable(error: Unreachable) -> tuple[str, str]:
    hint = "is the daemon running? `supervisor doctor` checks this machine"
    if "refused" in error.detail:
        text = f"The connection to the server {error.host} was refused"
        return f"{text} - did you specify the right host or port?", hint
    if "certificate" in error.detail:
        hint = "was the state directory recreated? use the kubeconfig in it"
    return f"Unable to connect to the server: {error.message}", hint


def _invalid(error: ApiError) -> str:
    details = error.details
    head = f'The {details.get("kind", "")} "{details.get("name", "")}" is invalid: '
    causes = [f"{c.get('field')}: {c.get('message')}" for c in details["causes"]]
    if len(causes) == 1:
        return head + causes[0]
    return "\n".join([head, *(f"* {cause}" for cause in causes)])


def _hint(error: ApiError) -> str:
    kind = error.details.get("kind", "")
    if error.reason == "NotFound" and kind == NAMESPACE.resource:
        return "`supervisor get namespaces` lists existing namespaces"
    if error.reason == "AlreadyExists":
        return "`supervisor apply` creates missing objects and updates existing ones"
    if error.reason == "Conflict":
        return "the object was modified in the meantime; try again"
    if error.code == 400 and "unknown field" in error.message:
        return "`--validate=warn` drops unknown fields with a warning"
    return ""
