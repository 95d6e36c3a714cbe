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
    if volume.get("downwardAPI") is not None:
        return [
            "Type:\tDownwardAPI (a volume populated by information about the pod)",
            *_items(volume["downwardAPI"]),
        ]
    if volume.get("projected") is not None:
        return [
            "Type:\tProjected (a volume that contains injected data from multiple "
            "sources)",
            *_projected(volume["projected"]),
        ]
    if volume.get("persistentVolumeClaim"):
        source = volume["persistentVolumeClaim"]
        return [
            "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in "
            "the same namespace)",
            f"ClaimName:\t{source.get('claimName')}",
            f"ReadOnly:\t{str(bool(source.get('readOnly'))).lower()}",
        ]
    return ["<unknown>"]


def _items(source: Object) -> list[str]:
    lines = ["Items:"]
    for item in source.get("items") or ():
        field = (item.get("fieldRef") or {}).get("fieldPath")
        resource = (item.get("resourceFieldRef") or {}).get("resource")
        lines.append(f"  {field or resource} -> {item.get('path')}")
    return lines


def _projected(source: Object) -> list[str]:
    lines = []
    for each in source.get("sources") or ():
        if part := each.get("configMap"):
            lines.append(f"ConfigMapName:\t{part.get('name')}")
            lines.append(f"ConfigMapOptional:\t{_or_nil(part.get('optional'))}")
        elif part := each.get("secret"):
            lines.append(f"SecretName:\t{part.get('name')}")
            lines.append(f"SecretOptionalName:\t{_or_nil(part.get('optional'))}")
        elif each.get("downwardAPI"):
            lines.append("DownwardAPI:\ttrue")
    return lines


def _or_nil(given: bool | None) -> str:
    return "<nil>" if given is None else str(given).lower()


def _named(kind: str, title: str, source: Object, key: str) -> list[str]:
    optional = "true" if source.get("optional") else "false"
    return [
        f"Type:\t{kind} (a volume populated by a {kind})",
        f"{title}:\t{source.get(key)}",
        f"Optional:\t{optional}",
    ]
