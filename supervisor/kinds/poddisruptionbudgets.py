"""PodDisruptionBudget: how many pods of a set evictions may take away at a time.

Follows pkg/apis/policy/validation/validation.go and
pkg/apis/policy/v1beta1/conversion.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    NO_FIELDS,
    SEPARATE_STATUS,
    Kind,
    OldVersion,
    Rules,
    Writes,
    no_change,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.columns import (
    AGE,
    NAME,
    NONE,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.parts import write_events
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD_DISRUPTION_BUDGET
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.workloads import amounts, counts, selecting
from supervisor.model import names
from supervisor.model.disruption_budget import PodDisruptionBudget
from supervisor.model.errors import invalid, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import label_selectors, metadata
from supervisor.model.validation.report import Errors

_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_AMOUNTS = ("minAvailable", "maxUnavailable")
_EMPTY_MATCHES = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match"
"""No pod has this label. In policy/v1beta1 an empty selector matches no pod."""


def complete(budget: Object) -> None:
    budget.setdefault("spec", {})


def _check(budget: Object) -> Errors:
    yield from metadata.check(
        budget["metadata"], namespaced=True, name_check=names.path_segment
    )
    yield from _spec(budget.get("spec") or {})


def _check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _spec(new.get("spec") or {})


def _check_status(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    fields = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    yield from counts.not_negative(new.get("status") or {}, *fields)


def _spec(spec: Object) -> Errors:
    if all(spec.get(field) is not None for field in _AMOUNTS):
        shown = {
            "MinAvailable": spec["minAvailable"],
            "Selector": spec.get("selector"),
            "MaxUnavailable": spec["maxUnavailable"],
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        detail = "minAvailable and maxUnavailable cannot be both set"
        yield invalid("spec", shown, detail)
    for field in _AMOUNTS:
        if (amount := spec.get(field)) is not None:
            yield from amounts.check(f"spec.{field}", amount)
            yield from amounts.check_at_most_all(f"spec.{field}", amount)
    yield from label_selectors.check(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _POLICIES:
        yield unsupported("spec.unhealthyPodEvictionPolicy", policy, _POLICIES)


def _from_v1beta1(budget: Object) -> None:
    spec = budget.get("spec") or {}
    if spec.get("selector") is not None:
        spec["selector"] = _swapped(spec["selector"], "Exists", "DoesNotExist")


def _to_v1beta1(budget: Object) -> None:
    spec = budget.get("spec") or {}
    if spec.get("selector") is not None:
        spec["selector"] = _swapped(spec["selector"], "DoesNotExist", "Exists")


def _swapped(selector: Object, of_empty: str, to_empty: str) -> Object:
    """What matches everything in one version, and nothing in the other."""
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        return _marker(of_empty)
    return {} if selector == _marker(to_empty) else selector


def _marker(operator: str) -> Object:
    return {"matchExpressions": [{"key": _EMPTY_MATCHES, "operator": operator}]}


def _cells(budget: Object, now: float) -> list[Cell]:
    return [
        name_of(budget),
        str(get(budget, "spec.minAvailable", "N/A")),
        str(get(budget, "spec.maxUnavailable", "N/A")),
        get(budget, "status.disruptionsAllowed", 0),
        age_of(budget, now),
    ]


def describe(page: Page, budget: Object, reader: Reader) -> None:
    """Follows describePodDisruptionBudgetV1 of kubectl/pkg/describe/describe.go."""
    meta, spec = budget["metadata"], budget.get("spec") or {}
    page.line(0, f"Name:\t{meta['name']}")
    page.line(0, f"Namespace:\t{meta.get('namespace', '')}")
    if spec.get("minAvailable") is not None:
        page.line(0, f"Min available:\t{spec['minAvailable']}")
    elif spec.get("maxUnavailable") is not None:
        page.line(0, f"Max unavailable:\t{spec['maxUnavailable']}")
    is_set = spec.get("selector") is not None
    shown = selecting.text_of(budget) or NONE if is_set else "<unset>"
    page.line(0, f"Selector:\t{shown}")
    page.line(0, "Status:")
    for title, field in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        page.line(2, f"{title}:\t{get(budget, f'status.{field}', 0)}")
    write_events(page, reader.events(budget))


_COLUMNS = (
    NAME,
    Column("Min Available", "How many pods evictions leave."),
    Column("Max Unavailable", "How many pods may be missing."),
    Column("Allowed Disruptions", "How many may be evicted now.", "integer"),
    AGE,
)

KIND = Kind(
    identity=POD_DISRUPTION_BUDGET,
    short_names=("pdb",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(POD_DISRUPTION_BUDGET),),
    value_type=PodDisruptionBudget,
    schema="",
    writes=Writes(
        complete=complete,
        admit=no_create_change,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=_check_status,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=NO_FIELDS,
    deletion=BACKGROUND,
    columns=Printer(_COLUMNS, _cells),
    describe=describe,
    versions=(
        OldVersion(
            group="policy",
            version="v1beta1",
            schema="",
            complete=no_change,
            to_stored=_from_v1beta1,
            from_stored=_to_v1beta1,
        ),
    ),
)
