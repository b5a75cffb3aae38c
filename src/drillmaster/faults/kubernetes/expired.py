"""A certificate that expired yesterday, in place of one that is valid."""

import re
from datetime import UTC, datetime, timedelta

from drillmaster.targets.base import DeclinedError

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\r?\n?", re.DOTALL)
_VALID = timedelta(days=90)


def expired(value: bytes) -> bytes:
    """A value in which the first certificate, which is that of the server, is replaced by one for
    the same subject, names and public key that expired yesterday. So a server still starts with
    its private key.

    Raises:
        DeclinedError: there is no certificate in PEM, or none that can be replaced.
    """
    found = _PEM.search(value)
    if found is None:
        raise DeclinedError("its value is no certificate in PEM")
    return value[: found.start()] + _reissued(found[0]) + value[found.end() :]


def _reissued(pem: bytes) -> bytes:
    """The certificate, signed as by itself, with a key that nobody keeps."""
    from cryptography import exceptions, x509  # noqa: PLC0415  # slow, and few drills need it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    yesterday = datetime.now(UTC) - timedelta(days=1)
    try:
        old = x509.load_pem_x509_certificate(pem)
        builder = (
            x509.CertificateBuilder()
            .subject_name(old.subject)
            .issuer_name(old.subject)
            .public_key(old.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(yesterday - _VALID)
            .not_valid_after(yesterday)
        )
        for extension in old.extensions:
            if isinstance(extension.value, x509.SubjectAlternativeName | x509.ExtendedKeyUsage):
                builder = builder.add_extension(extension.value, extension.critical)
    except (ValueError, TypeError, exceptions.UnsupportedAlgorithm) as error:
        why = type(error).__name__
        raise DeclinedError(f"the certificate in its value cannot be replaced ({why})") from None
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)
