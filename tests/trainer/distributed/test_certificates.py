"""The certificate of a run."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from trainer.distributed.certificates import RunCertificate


@pytest.fixture(scope="module")
def certificate() -> RunCertificate:
    return RunCertificate.make()


def test_each_run_has_its_own(certificate: RunCertificate) -> None:
    other = RunCertificate.make()
    assert {certificate.authority, certificate.certificate, certificate.key}.isdisjoint(
        {other.authority, other.certificate, other.key}
    )


def test_it_is_the_same_after_it_was_files(certificate: RunCertificate) -> None:
    assert RunCertificate.of_files(certificate.files()) == certificate


def test_certificate_is_signed_by_the_runs_authority_and_signs_nothing_itself(certificate: RunCertificate) -> None:
    authority, own = _read(certificate.authority), _read(certificate.certificate)
    own.verify_directly_issued_by(authority)
    assert not own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not own.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_key_of_the_authority_is_kept_nowhere(certificate: RunCertificate) -> None:
    assert "".join(certificate.files().values()).count("PRIVATE KEY") == 2, "one key, from BEGIN to END"


def test_it_is_good_on_nodes_whose_clocks_differ_and_for_as_long_as_a_run(certificate: RunCertificate) -> None:
    now = datetime.now(UTC)
    for one in (_read(certificate.authority), _read(certificate.certificate)):
        assert one.not_valid_before_utc < now - timedelta(minutes=5)
        assert now + timedelta(days=7) < one.not_valid_after_utc < now + timedelta(days=60)


def test_dask_asks_for_it_at_both_ends_of_every_connection(certificate: RunCertificate) -> None:
    security = certificate.security()
    for role in ("client", "scheduler", "worker"):
        for asked in (security.get_connection_args(role), security.get_listen_args(role)):
            assert asked["require_encryption"] is True
            assert asked["ssl_context"].verify_mode == ssl.CERT_REQUIRED


def test_key_is_not_in_what_is_logged(certificate: RunCertificate) -> None:
    assert "PRIVATE KEY" not in repr(certificate.security())
    assert "PRIVATE KEY" not in repr(certificate)


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())
