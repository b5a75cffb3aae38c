"""`drillmaster collect-audit`: keep the audit log that an API server posts to a webhook."""

import ssl
import sys
from contextlib import closing
from pathlib import Path

from drillmaster.definitions.secrets import resolve_secret
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.intake.audit import Listening, application, serve
from drillmaster.intake.audit_file import AuditFile
from drillmaster.intake.server import listen, place_of

_MEBI = 1 << 20


def collect_audit(file: Path, token: str, listening: Listening, rotate: int) -> int:
    """Take batches until the process is told to end; `rotate` is a size in MiB."""
    _check_certificate(listening)
    host, port = place_of(listening.where)
    secret = resolve_secret(token)
    try:
        log = AuditFile(file, rotate * _MEBI)
    except BlockingIOError:
        raise InvalidError(f"{file} is kept by another process") from None
    except OSError as error:
        raise InvalidError(f"{file} cannot be written: {error.strerror}") from None
    with closing(log), closing(listen(host, port)) as listener:
        address, port = listener.getsockname()[:2]
        if listening.certificate is None and not _is_loopback(address):
            raise InvalidError(
                f"{listening.where} can be reached from other machines, and the records hold what "
                "people sent: give --certificate and --key, or listen on 127.0.0.1 behind a proxy"
            )
        scheme = "http" if listening.certificate is None else "https"
        _say(f"Batches are taken at {scheme}://{host}:{port}/ and kept in {file}.")
        serve(application(log, secret), listener, listening)
    return ExitCode.READY


def _check_certificate(listening: Listening) -> None:
    certificate, key = listening.certificate, listening.key
    if (certificate is None) != (key is None):
        raise InvalidError("--certificate and --key belong together")
    if certificate is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise InvalidError(f"--certificate and --key cannot be used: {error}") from None


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
