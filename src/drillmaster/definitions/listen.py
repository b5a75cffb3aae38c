"""Where a server listens, as people write it."""


def host_and_port(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; without a host this machine alone.

    Raises:
        ValueError: it is not written like that, or there is no such port.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or len(port) > 5 or int(port) > 65535:
        raise ValueError(f"is written as HOST:PORT, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)
