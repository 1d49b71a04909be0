"""FTP servers at the far end of a line, and what it takes to log in there."""

import base64
import hashlib
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("ftp-server")


class FtpServer:
    """One of the scenarios' servers, started by a script that waits for us."""

    def __init__(self, prefix, name, tls, folder):
        self.name, self.tls = name, tls
        path = folder / f"{name}-{tls}.log"
        with open(path, "w") as log:
            self.script = subprocess.Popen(
                [*prefix, "sh", SCRIPT, name, tls], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env={**os.environ, "TMPDIR": str(folder)})
        said = [self.script.stdout.readline().strip() for _ in range(5)]
        if not said[-1]:
            self.close()
            raise OSError(f"no {name}: {path.read_text()} {' '.join(said)}")
        self.port, self.user, self.password, root, certificate = said
        self.root = Path(root)
        self.pin = self._pin(certificate)
        self.password_file = folder / f"{name}-{tls}.password"
        self.password_file.write_text(self.password)

    @staticmethod
    def _pin(certificate):
        key = subprocess.run(
            ["openssl", "x509", "-in", certificate, "-noout", "-pubkey"],
            check=True, stdout=subprocess.PIPE).stdout
        digest = hashlib.sha256(base64.b64decode(
            b"".join(key.splitlines()[1:-1]))).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    def close(self):
        self.script.stdin.close()
        self.script.wait()
