"""kubectl's JSONPath templates."""

import pytest

from supervisor.cli import jsonpath
from supervisor.cli.failure import Failure

PODS = {
    "items": [
        {
            "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}},
            "n": 1,
            "ready": True,
        },
        {"metadata": {"name": "b"}, "n": 2, "ready": False},
    ]
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.items[*].metadata.name}", "a b"),
        (".items[0].n", "1"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[0:1].n}", "1"),
        ("{..name}", "a b"),
        ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"),
        ("{.items[0].metadata['name']}", "a"),
        ('{.items[?(@.metadata.name=="b")].n}', "2"),
        ("{.items[?(@.n>1)].metadata.name}", "b"),
        ("{.items[?(@.metadata.labels)].n}", "1"),
        ("{.items[?(@.ready==true)].n}", "1"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "a\t1\nb\t2\n"),
        ("name={.items[0].metadata.name}!", "name=a!"),
        (
            "{.items[0].metadata}",
            '{"labels":{"app.kubernetes.io/name":"x"},"name":"a"}',
        ),
        ("{.items[0].nope}", ""),
        ("{.items[7].n}", ""),
        ("{$.items[0].n}", "1"),
        ("{.items[0].ready}", "true"),
    ],
)
def test_templates_render_like_kubectl(template: str, text: str) -> None:
    """Values separated by spaces, structures as JSON, missing values as nothing."""
    assert jsonpath.render(jsonpath.parse(template), PODS) == text


@pytest.mark.parametrize(
    "template",
    [
        "{.items[0",
        "{range .items[*]}x",
        "{end}",
        "{.a[}",
        "{.a[?(nonsense)]}",
        "{.a b}",
    ],
)
def test_invalid_templates_are_refused(template: str) -> None:
    """With the template in the message."""
    with pytest.raises(Failure) as caught:
        jsonpath.parse(template)

    assert f"error parsing jsonpath {template}" in caught.value.message
