"""A cluster that can be reached. Apart from what reads credentials, which takes half a second to
import."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Access:
    """A cluster, and the identity in use. Nothing secret is in its `repr`."""

    server: str
    tls: ssl.SSLContext | bool = field(repr=False)
    """What is trusted, and the client's certificate."""
    server_name: str | None
    """The name that the server's certificate must have, where it is not that of the address."""
    proxy: str | None = field(repr=False)
    authorization: Callable[[], str | None] = field(repr=False)
    """The header to send now; a log-in that runs out is renewed."""
