"""How a node's engine is reached from elsewhere, as a client sees it."""

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.tls import TLSConfig

from tests.lab.certificates import Identity


class _Client(docker.APIClient):
    """Ignores proxies and authorities that the environment names."""

    trust_env = property(lambda self: False, lambda self, value: None)


@dataclass(frozen=True)
class Endpoint:
    name: str
    """Of the node."""
    url: str
    """tcp://… for Docker's clients."""
    identity: Identity | None = None
    """Certificate of the client and the authority that it trusts; None without TLS."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def environment(self) -> dict[str, str]:
        """What makes the docker command talk to it."""
        if self.identity is None:
            # Those of another engine may be set; empty is as good as unset.
            return {
                "DOCKER_HOST": self.url,
                "DOCKER_TLS_VERIFY": "",
                "DOCKER_CERT_PATH": "",
            }
        return {
            "DOCKER_HOST": self.url,
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(self.identity.folder),
        }

    def client(self, timeout: float = 10, version: str = "auto") -> Any:
        """A docker-py APIClient, which begins by asking for the engine's version."""
        # The published types know neither fractions of seconds nor no TLS.
        tls: Any = None
        if (identity := self.identity) is not None:
            pair = (str(identity.certificate), str(identity.key))
            tls = TLSConfig(client_cert=pair, ca_cert=str(identity.ca), verify=True)
        wait: Any = timeout
        return _Client(base_url=self.url, version=version, tls=tls, timeout=wait)

    def ping(self, timeout: float = 1) -> str:
        """What a client meets: `ok`, or the name of what went wrong."""
        connection = self._connection(timeout)
        try:
            connection.request("GET", "/_ping")
            status = connection.getresponse().status
            return "ok" if status == 200 else f"answers {status}"
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "timeout"
        except ssl.SSLCertVerificationError as error:
            return str(error.verify_message)
        except ssl.SSLError as error:
            return str(error.reason or "TLS error").lower().replace("_", " ")
        except OSError as error:
            return (error.strerror or type(error).__name__).lower()
        except HTTPException as error:
            return f"no HTTP: {type(error).__name__}"
        finally:
            connection.close()

    def _connection(self, timeout: float) -> HTTPConnection:
        port = urlsplit(self.url).port
        if (identity := self.identity) is None:
            return HTTPConnection(self.host, port, timeout=timeout)
        context = ssl.create_default_context(cafile=identity.ca)
        context.load_cert_chain(identity.certificate, identity.key)
        return HTTPSConnection(self.host, port, timeout=timeout, context=context)
