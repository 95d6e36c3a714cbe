"""The volumes section of a pod or a pod template.

Follows kubectl/pkg/describe/describe.go (describeVolumes).
"""

from collections.abc import Sequence

from supervisor.kinds.describing.page import NOTHING, Page
from supervisor.model.meta import Object


def write_volumes(page: Page, volumes: Sequence[Object], indent: str = "") -> None:
    page.line(0, f"{indent}Volumes:{'' if volumes else NOTHING}")
    for volume in volumes:
        page.line(1, f"{' ' if indent else ''}{volume['name']}:")
        for line in _source(volume):
            page.line(2, line)


def _source(volume: Object) -> list[str]:
    if "emptyDir" in volume:
        source = volume["emptyDir"] or {}
        return [
            "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
            f"Medium:\t{source.get('medium') or ''}",
            f"SizeLimit:\t{source.get('sizeLimit') or '<unset>'}",
        ]
    if volume.get("hostPath"):
        source = volume["hostPath"]
        return [
            "Type:\tHostPath (bare host directory volume)",
            f"Path:\t{source.get('path')}",
            f"HostPathType:\t{source.get('type') or ''}",
        ]
    if volume.get("configMap"):
        return _named("ConfigMap", "Name", volume["configMap"], "name")
    if volume.get("secret"):
        return _named("Secret", "SecretName", volume["secret"], "secretName")
    return ["<unknown>"]


def _named(kind: str, title: str, source: Object, key: str) -> list[str]:
    optional = "true" if source.get("optional") else "false"
    return [
        f"Type:\t{kind} (a volume populated by a {kind})",
        f"{title}:\t{source.get(key)}",
        f"Optional:\t{optional}",
    ]
