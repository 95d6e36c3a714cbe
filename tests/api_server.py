"""The whole API behind HTTPS on a port of its own; node and clock are fakes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.api.serving import Server
from supervisor.app import certificates, kubeconfig
from supervisor.client.node import NodeDirectory
from supervisor.client.rest import RestClient, from_kubeconfig
from supervisor.kinds.all import CATALOG
from supervisor.kinds.catalog import Catalog
from supervisor.machinery.clock import Clock, SystemClock
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock
from tests.fakes.node import FakeNode, FakeNodes

TOKEN = "a token that is long enough for anybody"


class ApiServer:
    """What a test needs of the API; `node` is `node-1`."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        #: Known when the server listens.
        self.url = ""
        self.registry = registry
        self.node = FakeNode()

    def client(self) -> RestClient:
        return from_kubeconfig(self.kubeconfig)


@contextmanager
def serving(
    folder: Path,
    *,
    keep_changes: int = 10_000,
    catalog: Catalog = CATALOG,
    clock: Clock | None = None,
    nodes: NodeDirectory | None = None,
) -> Iterator[ApiServer]:
    """An API with an empty store; its kubeconfig is in `folder`.

    Without `clock` its time stands still, and without `nodes` there is one fake node.
    """
    wall = SystemClock()
    files = certificates.ensure(folder, ["127.0.0.1"], now=wall.now())
    wall.close()
    store = SqliteStore(":memory:", keep_changes=keep_changes)
    clock = clock or FakeClock()
    registry = Registry(store, clock, catalog=catalog)
    made = ApiServer(folder, registry)
    directory = nodes or FakeNodes(made.node)
    app = create_app(registry, directory, [TOKEN], clock=clock)
    server = Server(app, "127.0.0.1", 0, certificate=files.certificate, key=files.key)
    server.start()
    made.url = f"https://127.0.0.1:{server.port}"
    kubeconfig.write(
        made.kubeconfig, server=made.url, authority=files.authority, token=TOKEN
    )
    try:
        yield made
    finally:
        server.stop(0)
        store.close()
