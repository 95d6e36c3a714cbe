"""ServiceAccounts: the fields that we honour.

Follows staging/src/k8s.io/api/core/v1/types.go.
"""

from supervisor.model.meta import ObjectMeta, Value, build

DEFAULT = "default"
"""The account of pods that name none; it exists in each namespace."""


class SecretName(Value, frozen=True):
    name: str = ""


class ServiceAccount(Value, frozen=True):
    metadata: ObjectMeta
    image_pull_secrets: tuple[SecretName, ...] = ()
    automount_service_account_token: bool | None = None
    """None: whatever the pod says."""


build(globals())
