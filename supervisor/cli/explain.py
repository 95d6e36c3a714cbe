"""What went wrong, in kubectl's words, with a hint where one helps.

Follows kubectl/pkg/cmd/util/helpers.go (StandardErrorMessage, MultilineError).
"""

from supervisor.cli.failure import Failure
from supervisor.client.unreachable import Unreachable
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError


def explain(error: ApiError | Failure, doing: str = "") -> tuple[str, str]:
    """The text and the hint (often empty) for an error.

    `doing` names the step and the file, as in `error when creating "f.yaml"`.
    """
    if isinstance(error, Failure):
        return f"error: {error.message}", error.hint
    if isinstance(error, Unreachable):
        return _unreachable(error)
    if error.code == 401:
        text = f"error: You must be logged in to the server ({error.message})"
        return text, "the token of the kubeconfig is not the one the daemon expects"
    if error.reason == "Invalid" and error.details.get("causes"):
        return _invalid(error), ""
    reason = f" ({error.reason})" if error.reason not in ("", "Unknown") else ""
    message = f"{doing}: {error.message}" if doing else error.message
    return f"Error from server{reason}: {message}", _hint(error)


def _unreachable(error: Unreachable) -> tuple[str, str]:
    hint = "is the daemon running? `supervisor doctor` examines this machine"
    if "refused" in error.detail:
        text = f"The connection to the server {error.host} was refused"
        return f"{text} - did you specify the right host or port?", hint
    if "certificate" in error.detail:
        hint = "was the state directory made anew? use the kubeconfig that is in it"
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
        return "`supervisor get namespaces` lists those that exist"
    if error.reason == "AlreadyExists":
        return "`supervisor apply` creates what is missing and changes what exists"
    if error.reason == "Conflict":
        return "somebody changed it meanwhile: try again"
    if error.code == 400 and "unknown field" in error.message:
        return "`--validate=warn` goes on without these fields, and names them"
    return ""
