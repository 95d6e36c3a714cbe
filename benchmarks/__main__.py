"""`python -m benchmarks [recovery|idle …]`: run the named ones, or all."""

import sys
import tempfile
from pathlib import Path

from benchmarks import idle, recovery
from tests.daemon import running

_ALL = {"recovery": recovery.measure, "idle": idle.measure}


def main(names: list[str]) -> int:
    unknown = [n for n in names if n not in _ALL]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(_ALL)}")
        return 2
    for name in names or _ALL:
        with tempfile.TemporaryDirectory() as folder:
            with running(Path(folder)) as daemon:
                print(f"{name}:", flush=True)
                for figure in _ALL[name](daemon):
                    print(f"  {figure}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
