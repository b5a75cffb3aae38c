"""Certificates are loaded only for addresses that need them.

To load all that a machine trusts takes 50 ms of a processor, for each client anew; a fault would
stay so much longer, and a probe that is asked ten times a second would ask nothing else.
"""

import ssl
from functools import cache


def trusted_for(url: str) -> ssl.SSLContext | bool:
    """What an HTTP client for an address trusts (`verify`): all that the machine trusts, and
    nothing for an address without TLS, which has nothing to prove."""
    return _nobody() if url.lower().startswith("http://") else True


@cache
def _nobody() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
