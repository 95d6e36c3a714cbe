"""The containers section of a pod or a pod template.

Follows kubectl/pkg/describe/describe.go (describeContainers, DescribeProbe).
"""

from collections.abc import Sequence

from supervisor.kinds.describing.page import NOTHING, Page
from supervisor.kinds.describing.parts import or_none
from supervisor.model.meta import Object

_PROBES = {
    "livenessProbe": "Liveness",
    "readinessProbe": "Readiness",
    "startupProbe": "Startup",
}


def write_containers(
    page: Page,
    title: str,
    containers: Sequence[Object],
    statuses: Sequence[Object] = (),
    pod: Object | None = None,
    indent: str = "",
) -> None:
    """Write each container, with its state if `statuses` contains it."""
    status_by_name = {status["name"]: status for status in statuses}
    page.line(0, f"{indent}{title}:{'' if containers else ' <none>'}")
    for container in containers:
        status = status_by_name.get(container["name"])
        page.line(1, f"{' ' if indent else ''}{container['name']}:")
        _write_basics(page, container, status)
        _write_lines(page, "Command", container.get("command") or ())
        _write_lines(page, "Args", container.get("args") or ())
        if status is not None:
            _write_status(page, status)
        _write_resources(page, container.get("resources") or {})
        for key, name in _PROBES.items():
            if container.get(key):
                page.line(2, f"{name}:\t{describe_probe(container[key])}")
        _write_env_from(page, container.get("envFrom") or ())
        _write_env(page, container, pod)
        _write_mounts(page, container.get("volumeMounts") or ())


def describe_probe(probe: Object) -> str:
    """`http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3`."""
    numbers = (
        f"delay={probe.get('initialDelaySeconds', 0)}s "
        f"timeout={probe.get('timeoutSeconds', 0)}s "
        f"period={probe.get('periodSeconds', 0)}s "
        f"#success={probe.get('successThreshold', 0)} "
        f"#failure={probe.get('failureThreshold', 0)}"
    )
    if probe.get("exec"):
        words = " ".join(probe["exec"].get("command") or ())
        return f"exec [{words}] {numbers}"
    if probe.get("httpGet"):
        return f"http-get {_url(probe['httpGet'])} {numbers}"
    if probe.get("tcpSocket"):
        action = probe["tcpSocket"]
        return f"tcp-socket {action.get('host', '')}:{action.get('port')} {numbers}"
    if probe.get("grpc"):
        action = probe["grpc"]
        return f"grpc <pod>:{action.get('port')} {action.get('service', '')} {numbers}"
    return f"unknown {numbers}"


def _url(action: Object) -> str:
    host = action.get("host") or ""
    host = f"[{host}]" if ":" in host else host
    path = action.get("path") or ""
    path = path if path.startswith("/") or not path else f"/{path}"
    scheme = str(action.get("scheme") or "http").lower()
    return f"{scheme}://{host}:{action.get('port')}{path}"


def _write_basics(page: Page, container: Object, status: Object | None) -> None:
    if status is not None:
        page.line(2, f"Container ID:\t{status.get('containerID', '')}")
    page.line(2, f"Image:\t{container.get('image', '')}")
    if status is not None:
        page.line(2, f"Image ID:\t{status.get('imageID', '')}")
    ports = container.get("ports") or ()
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        texts = [f"{p.get(key, 0)}/{p.get('protocol', 'TCP')}" for p in ports]
        plural = "s" if len(texts) > 1 else ""
        page.line(2, f"{title}{plural}:\t{or_none(', '.join(texts))}")


def _write_lines(page: Page, title: str, words: Sequence[str]) -> None:
    if words:
        page.line(2, f"{title}:")
    for word in words:
        for line in word.split("\n"):
            page.line(3, line)


def _write_status(page: Page, status: Object) -> None:
    _write_state(page, "State", status.get("state") or {})
    last = status.get("lastState") or {}
    if last.get("terminated"):
        _write_state(page, "Last State", last)
    page.line(2, f"Ready:\t{bool(status.get('ready'))}")
    page.line(2, f"Restart Count:\t{status.get('restartCount', 0)}")


def _write_state(page: Page, title: str, state: Object) -> None:
    if state.get("running") is not None:
        page.line(2, f"{title}:\tRunning")
        page.line(3, f"Started:\t{page.date(state['running'].get('startedAt'))}")
        return
    ended = state.get("terminated")
    if ended is None:
        page.line(2, f"{title}:\tWaiting")
        reason = (state.get("waiting") or {}).get("reason")
        if reason:
            page.line(3, f"Reason:\t{reason}")
        return
    page.line(2, f"{title}:\tTerminated")
    for name, key in (("Reason", "reason"), ("Message", "message")):
        if ended.get(key):
            page.line(3, f"{name}:\t{ended[key]}")
    page.line(3, f"Exit Code:\t{ended.get('exitCode', 0)}")
    if ended.get("signal"):
        page.line(3, f"Signal:\t{ended['signal']}")
    page.line(3, f"Started:\t{page.date(ended.get('startedAt'))}")
    page.line(3, f"Finished:\t{page.date(ended.get('finishedAt'))}")


def _write_resources(page: Page, resources: Object) -> None:
    for title, key in (("Limits", "limits"), ("Requests", "requests")):
        amounts = resources.get(key) or {}
        if amounts:
            page.line(2, f"{title}:")
        for name, amount in sorted(amounts.items()):
            page.line(3, f"{name}:\t{amount}")


def _write_env_from(page: Page, sources: Sequence[Object]) -> None:
    if sources:
        page.line(2, "Environment Variables from:")
    for source in sources:
        kind = "ConfigMap" if source.get("configMapRef") else "Secret"
        ref = source.get("configMapRef") or source.get("secretRef") or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        optional = "true" if ref.get("optional") else "false"
        page.line(3, f"{ref.get('name', '')}\t{kind}{prefix}\tOptional: {optional}")


def _write_env(page: Page, container: Object, pod: Object | None) -> None:
    variables = container.get("env") or ()
    page.line(2, f"Environment:{'' if variables else NOTHING}")
    for variable in variables:
        name = variable["name"]
        source = variable.get("valueFrom")
        if source:
            page.line(3, f"{name}:\t{_from(source, container, pod)}")
            continue
        first, *more = str(variable.get("value") or "").split("\n")
        page.line(3, f"{name}:\t{first}")
        for line in more:
            page.line(3, f"\t{line}")


def _from(source: Object, container: Object, pod: Object | None) -> str:
    if source.get("fieldRef"):
        ref = source["fieldRef"]
        path = ref.get("fieldPath", "")
        return f"{_field(pod, path)} ({ref.get('apiVersion', 'v1')}:{path})"
    if source.get("resourceFieldRef"):
        name = source["resourceFieldRef"].get("resource", "")
        kind, _, resource = name.partition(".")
        amounts = (container.get("resources") or {}).get(kind) or {}
        default = "node allocatable" if kind == "limits" else "0"
        return f"{amounts.get(resource, default)} ({name})"
    kind, key = ("of config map", "configMapKeyRef")
    if source.get("secretKeyRef"):
        kind, key = ("in secret", "secretKeyRef")
    ref = source.get(key) or {}
    optional = "true" if ref.get("optional") else "false"
    return (
        f"<set to the key '{ref.get('key')}' {kind} '{ref.get('name')}'>"
        f"\tOptional: {optional}"
    )


def _field(pod: Object | None, path: str) -> str:
    """The field of the pod at a path, such as `metadata.labels['key']`."""
    if pod is None:
        return ""
    path, bracket, key = path.partition("['")
    value: object = pod
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if bracket and isinstance(value, dict):
        value = value.get(key.removesuffix("']"))
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _write_mounts(page: Page, mounts: Sequence[Object]) -> None:
    page.line(2, f"Mounts:{'' if mounts else NOTHING}")
    for mount in sorted(mounts, key=lambda m: str(m.get("mountPath"))):
        flags = "ro" if mount.get("readOnly") else "rw"
        if mount.get("subPath"):
            flags += f',path="{mount["subPath"]}"'
        page.line(3, f"{mount.get('mountPath')} from {mount['name']} ({flags})")
