"""A self-signed certificate for servers that tests start."""

import subprocess
from pathlib import Path


def self_signed(folder: Path, name: str = "test") -> tuple[Path, Path]:
    """Paths of a new certificate and of its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    subprocess.run(
        f"{command} -nodes -days 2 -subj /CN={name} "
        f"-keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    return certificate, key
