"""A worker as `python -m trainer worker` runs it, of a run whose certificate is in a folder instead of a cluster.

`python -m tests.trainer.distributed.worker_program FOLDER`
"""

import sys
from pathlib import Path

from runtime.errors import Exit
from runtime.logs import set_up_logging
from runtime.process import run
from trainer.distributed.certificates import RunCertificate
from trainer.distributed.logs import calm_dask
from trainer.distributed.settings import WorkerSettings
from trainer.distributed.worker import work

OVER = "over"


class RunInFolder:
    """A run whose certificate is written into a folder, and that is over once a file there says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lead(self, certificate: RunCertificate) -> None:
        """Put a certificate there, as the leading pod does."""
        for name, content in certificate.files().items():
            (self.folder / f"{name}.new").write_text(content)
            (self.folder / f"{name}.new").rename(self.folder / name)

    def certificate(self) -> RunCertificate | None:
        files = {name: self.folder / name for name in ("ca.crt", "tls.crt", "tls.key")}
        if not all(path.exists() for path in files.values()):
            return None
        return RunCertificate.of_files({name: path.read_text() for name, path in files.items()})

    def is_over(self) -> bool:
        return (self.folder / OVER).exists()


def main() -> Exit:
    settings = WorkerSettings.load()
    set_up_logging(settings)
    calm_dask()
    work(settings, RunInFolder(Path(sys.argv[1])))
    return Exit.DONE


if __name__ == "__main__":
    run(main)
