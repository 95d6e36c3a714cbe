"""The ServiceAccount of a new pod. Pure.

Rules
- A pod that names no account runs under `default`.
- A pod without imagePullSecrets gets those of its account.

Follows plugin/pkg/admission/serviceaccount/admission.go.
"""

from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError, forbidden
from supervisor.model.meta import Object
from supervisor.model.service_account import DEFAULT


def account_of(pod: Object) -> str:
    """The name of the account that the pod asks for."""
    spec = pod["spec"]
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or DEFAULT)


def unknown_account(pod: str, namespace: str, name: str) -> ApiError:
    """The 403 for a pod that names an account that does not exist."""
    detail = (
        f"error looking up service account {namespace}/{name}: "
        f'serviceaccount "{name}" not found'
    )
    return forbidden(POD.resource, pod, detail)


def set_account(pod: Object, name: str, account: Object) -> None:
    """Set what the pod gets from its account."""
    spec = pod["spec"]
    spec["serviceAccountName"] = spec["serviceAccount"] = name
    secrets = account.get("imagePullSecrets")
    if secrets and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [{"name": s.get("name", "")} for s in secrets]
