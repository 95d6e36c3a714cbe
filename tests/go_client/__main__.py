"""Compare the table with Go's own client: python -m tests.go_client [GO].

Needs a Go compiler: GO, or `go` on PATH. Prints each case in which Go finds something
else than the table says.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.go_client.answers import ANSWERS
from tests.go_client.server import serving


def main() -> int:
    go = sys.argv[1] if len(sys.argv) > 1 else "go"
    version = subprocess.run(
        [go, "version"], check=True, capture_output=True, text=True
    )
    click.echo(version.stdout.strip())
    is_old = " go1.19" in version.stdout
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "probe")
        source = str(Path(__file__).parent / "probe.go")
        subprocess.run([go, "build", "-o", program, source], check=True)
        for answer in ANSWERS:
            with serving(answer) as port:
                url = f"http://127.0.0.1:{port}/"
                asked = subprocess.run(
                    [program, url, "700ms"], check=True, capture_output=True, text=True
                )
            expected = answer.before if is_old and answer.before else answer.means
            if not asked.stdout.startswith(expected.value):
                wrong += 1
                found = asked.stdout.strip()[:200]
                click.echo(
                    f"{answer.name}: expected {expected.value}, Go says: {found}"
                )
    click.echo(f"{len(ANSWERS)} answers, {wrong} of them different")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
