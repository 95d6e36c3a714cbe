"""Who the fake engine says it is."""

from supervisor.runtime.base import EngineInfo

INFO = EngineInfo(
    id="FAKE:ENGINE",
    name="fake",
    version="20.10.24",
    api_version="1.41",
    operating_system="Fake GNU/Linux",
    os="linux",
    architecture="amd64",
    kernel="6.1.0",
    cpus=4,
    memory_bytes=8 << 30,
)
