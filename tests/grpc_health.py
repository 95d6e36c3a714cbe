"""A real gRPC server with (or without) the standard health service."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


@contextmanager
def health_server(serving: Mapping[str, bool] | None) -> Iterator[int]:
    """The port of a server that reports these services; None: no health service."""
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        if serving is not None:
            servicer = health.HealthServicer()
            for name, well in serving.items():
                status = health_pb2.HealthCheckResponse.ServingStatus
                servicer.set(name, status.SERVING if well else status.NOT_SERVING)
            health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(None).wait()
