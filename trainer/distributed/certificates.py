"""The certificate of one run, which all its processes share: who holds it may take part, and nobody else.

Dask's scheduler runs whatever code it is sent, as a process that knows the database's password. A NetworkPolicy would
keep others away from it only where the cluster's network enforces those; many do not. So both ends of every connection
show a certificate of an authority that is made for the run, and whose key is forgotten at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from distributed import Security

# Clocks of nodes differ; a run is ended by its deadline long before the certificate is.
_EARLIER: Final = timedelta(minutes=10)
_LASTS: Final = timedelta(days=30)
_USAGES: Final = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
_AUTHORITY, _CERTIFICATE, _KEY = "ca.crt", "tls.crt", "tls.key"


@dataclass(frozen=True)
class RunCertificate:
    """An authority's certificate, one that it signed, and the key of that one; each in PEM."""

    authority: str
    certificate: str
    key: str = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Make the certificate of a new run."""
        signing, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        return cls(_signed(_authority(signing), signing), _signed(_of_run(key, signing), signing), _key_text(key))

    @classmethod
    def of_files(cls, files: Mapping[str, str]) -> Self:
        """Read what `files` gave."""
        return cls(files[_AUTHORITY], files[_CERTIFICATE], files[_KEY])

    def files(self) -> dict[str, str]:
        """Give the content of files, by the names that Kubernetes has for them."""
        return {_AUTHORITY: self.authority, _CERTIFICATE: self.certificate, _KEY: self.key}

    def security(self) -> Security:
        """Give what Dask asks of every connection.

        It keeps the key in memory: a file holds it for the moment in which OpenSSL reads it, in a folder of mode 0700.
        """
        roles = ("client", "scheduler", "worker")
        certificates = {f"tls_{role}_cert": self.certificate for role in roles}
        keys = {f"tls_{role}_key": self.key for role in roles}
        return Security(tls_ca_file=self.authority, require_encryption=True, **certificates, **keys)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    name = _name("authority of one run of the recommender")
    return (
        _unsigned(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    )


def _of_run(key: ec.EllipticCurvePrivateKey, signing: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    """Make the one certificate of all processes: each of them opens connections, and takes them."""
    issuer = _name("authority of one run of the recommender")
    both_ends = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    return (
        _unsigned(_name("one run of the recommender"), issuer, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(both_ends, critical=False)
        .add_extension(signed_by, critical=False)
    )


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now, public = datetime.now(UTC), key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*given: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in given for name in _USAGES})


def _signed(certificate: x509.CertificateBuilder, by: ec.EllipticCurvePrivateKey) -> str:
    return certificate.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    unencrypted = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted).decode()
