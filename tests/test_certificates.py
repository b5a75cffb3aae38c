"""Certificates are loaded only where they are needed, and asked for wherever they are."""

import ssl
import time

import httpx
import pytest

from drillmaster.certificates import trusted_for


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "HTTP://127.0.0.1:1/page"])
def test_an_address_without_tls_trusts_nobody(url: str) -> None:
    verify = trusted_for(url)
    assert isinstance(verify, ssl.SSLContext)
    assert verify.cert_store_stats()["x509"] == 0
    assert (verify.verify_mode, verify.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "ftp://x", "", "127.0.0.1"])
def test_any_other_trusts_what_the_machine_trusts(url: str) -> None:
    assert trusted_for(url) is True


def test_a_client_is_made_many_times_faster() -> None:
    def took(url: str) -> float:
        began = time.process_time()
        httpx.Client(verify=trusted_for(url)).close()
        return time.process_time() - began

    for url in ("http://x", "https://x"):
        took(url)  # what is imported at the first is not counted
    assert min(took("http://x") for _ in range(3)) < min(took("https://x") for _ in range(3)) / 3
