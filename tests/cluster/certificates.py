"""The cluster's certificates: two authorities, and one key pair for each server and each client."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.errors import ClusterError
from tests.cluster.site import API_SERVICE, DOMAIN, NODE, Site
from tests.parts.missing import find_program

_REMEDY: Final = "openssl is not installed (make cluster-parts)"
_AUTHORITIES: Final = ("ca", "front-proxy-ca")
_NEW_KEY: Final = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_DAYS: Final = "3650"
# Python 3.13 and later refuse an authority that does not say that it signs.
_AUTHORITY: Final = (
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign",
    "subjectKeyIdentifier=hash",
)
_LEAF: Final = (
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=clientAuth,serverAuth",
    "subjectKeyIdentifier=hash",
    "authorityKeyIdentifier=keyid",
)


@dataclass(frozen=True)
class Identity:
    """Whom a certificate stands for, under which names (`DNS:…`, `IP:…`) it serves, and which authority says so."""

    name: str
    subject: str
    serves: tuple[str, ...] = ()
    authority: str = "ca"


def identities(host: str) -> list[Identity]:
    """Give all that the cluster's programs go by; `host` is where they serve."""
    address = f"IP:{host}"
    service = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{DOMAIN}")
    api = (*(f"DNS:{name}" for name in (*service, "localhost")), "IP:127.0.0.1", f"IP:{API_SERVICE}")
    return [
        Identity("apiserver", "/CN=kube-apiserver", tuple(dict.fromkeys([*api, address]))),
        Identity("apiserver-kubelet-client", "/O=system:masters/CN=apiserver-kubelet-client"),
        Identity("front-proxy-client", "/CN=front-proxy-client", authority="front-proxy-ca"),
        Identity("admin", "/O=system:masters/CN=admin"),
        Identity("controller-manager", "/CN=system:kube-controller-manager"),
        Identity("scheduler", "/CN=system:kube-scheduler"),
        Identity("kubelet", f"/O=system:nodes/CN=system:node:{NODE}", (f"DNS:{NODE}", address)),
        Identity("proxy", "/CN=system:kube-proxy"),
        Identity("coredns", "/CN=coredns"),
        Identity("metrics-server", "/CN=metrics-server", ("DNS:metrics-server.kube-system.svc", address)),
    ]


def make_certificates(site: Site) -> None:
    """Make all of them where there are none: beside their place, and there whole, or those of two halves would meet."""
    if site.certificates.is_dir():
        return
    openssl = find_program("openssl", _REMEDY)
    new = site.folder / ".new-certificates"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700, parents=True)
    for authority in _AUTHORITIES:
        _run([openssl, "req", "-x509", *_files(new, authority), *_with(_AUTHORITY), "-subj", f"/CN={authority}"])
    with ThreadPoolExecutor() as pool:
        signed = [pool.submit(_sign, openssl, new, identity) for identity in identities(site.host)]
        signed.append(pool.submit(_make_token_key, openssl, new))
        for one in signed:
            one.result()
    new.rename(site.certificates)


def _sign(openssl: str, folder: Path, identity: Identity) -> None:
    authority = ["-CA", f"{folder}/{identity.authority}.crt", "-CAkey", f"{folder}/{identity.authority}.key"]
    names = [f"subjectAltName={','.join(identity.serves)}"] if identity.serves else []
    extensions = _with([*_LEAF, *names])
    _run([openssl, "req", "-x509", *authority, *_files(folder, identity.name), *extensions, "-subj", identity.subject])


def _make_token_key(openssl: str, folder: Path) -> None:
    """Make the key that signs the service accounts' tokens."""
    key = f"{folder}/service-accounts.key"
    _run([openssl, "genrsa", "-out", key, "2048"])
    _run([openssl, "rsa", "-in", key, "-pubout", "-out", f"{folder}/service-accounts.pub"])


def _files(folder: Path, name: str) -> list[str]:
    return [*_NEW_KEY, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt", "-days", _DAYS]


def _with(extensions: Iterable[str]) -> list[str]:
    return [word for extension in extensions for word in ("-addext", extension)]


def _run(command: list[str]) -> None:
    # The machine's own openssl.cnf would add extensions to ours.
    ended = subprocess.run(command, capture_output=True, text=True, env={"OPENSSL_CONF": os.devnull}, check=False)
    if ended.returncode:
        raise ClusterError(f"openssl made no certificate: {ended.stderr}")
