"""The grammar of image names: `[HOST[:PORT]/]NAME[/NAME...][:TAG][@DIGEST]`. Pure.

Follows distribution/reference (regexp.go).
"""

import re

_REPOSITORY = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)/"
_NAME = re.compile(
    rf"(?:{_HOST})?{_REPOSITORY}(?:/{_REPOSITORY})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?"
)


def is_valid_name(image: str) -> bool:
    return _NAME.fullmatch(image) is not None
