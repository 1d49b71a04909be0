"""Lines: two network namespaces, what is between them, and servers."""

import os
import signal
import subprocess
import time
from collections import namedtuple
from pathlib import Path

from ftp import FtpServer

# Over the line, in both directions; round trips as trips.h counts them.
Passed = namedtuple("Passed", "bytes trips in_a_row connections")

PORT = 2022
SERVER = "10.77.0.2"


class Login:
    """The keys of a throwaway server, and of the one who may log in there."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.key = self.folder / "key"
        self.known_hosts = self.folder / "known_hosts"
        self.config = self.folder / "ssh_config"
        for name in ("key", "host"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                 self.folder / name], check=True)
        public = (self.folder / "host.pub").read_text().split()[:2]
        self.known_hosts.write_text("".join(
            f"[{host}]:{PORT} {' '.join(public)}\n"
            for host in (SERVER, "127.0.0.1")))
        said = subprocess.run(
            ["ssh-keygen", "-lf", self.folder / "host.pub"], check=True,
            stdout=subprocess.PIPE, text=True)
        self.fingerprint = said.stdout.split()[1]
        self.config.write_text(f"""\
Port {PORT}
User root
IdentityFile {self.key}
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile {self.known_hosts}
GlobalKnownHostsFile none
StrictHostKeyChecking yes
UpdateHostKeys no
BatchMode yes
""")
        self._write_sshd_config()

    def _write_sshd_config(self):
        # Without PAM, sshd refuses an account that has no password at all.
        status = subprocess.run(["passwd", "-S", "root"], text=True,
                                stdout=subprocess.PIPE).stdout.split()
        pam = "yes" if status[1:2] == ["L"] else "no"
        (self.folder / "sshd_config").write_text(f"""\
Port {PORT}
HostKey {self.folder}/host
PidFile {self.folder}/pid
AuthorizedKeysFile {self.folder}/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM {pam}
MaxStartups 200
Subsystem sftp /usr/lib/openssh/sftp-server
""")


class Line:
    """A server at one end; commands run at the other, or beside it."""

    def __init__(self, wan, login, name, delay_ms, rate, offload=False):
        self.name = name
        self.far = delay_ms > 0
        argv = [wan, *(["-o"] if offload else []),
                str(delay_ms), str(rate)]
        self.wan = subprocess.Popen(
            argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        _, *spaces = self.wan.stdout.readline().split()
        client, server = (["nsenter", f"--net={ns}"] for ns in spaces)
        self._use_cubic(client, SERVER)
        self._use_cubic(server, "10.77.0.1")
        self.prefix = client if self.far else server
        self.host = SERVER if self.far else "127.0.0.1"
        self.server, self.folder, self.ftp_servers = server, login.folder, {}
        self._start_sshd(server, login)

    # The default of nearly every machine, whatever is the default of this.
    @staticmethod
    def _use_cubic(prefix, to):
        subprocess.run([*prefix, "ip", "route", "change", to, "dev", "wan0",
                        "congctl", "cubic"], check=True)

    # However this process ends, the server ends with it.
    def _start_sshd(self, prefix, login):
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        path = login.folder / f"sshd-{self.name}.log"
        with open(path, "w") as log:
            self.sshd = subprocess.Popen(
                [*prefix, "setpriv", "--pdeathsig", "TERM",
                 "/usr/sbin/sshd", "-D", "-e", "-f",
                 login.folder / "sshd_config"], stderr=log)
        for _ in range(100):
            if "Server listening" in path.read_text():
                return
            time.sleep(0.1)
        raise RuntimeError(f"sshd did not start: {path.read_text()}")

    def ftp(self, name, tls):
        """A server, started when it is first asked for."""
        if (name, tls) not in self.ftp_servers:
            self.ftp_servers[name, tls] = FtpServer(
                self.server, name, tls, self.folder)
        return self.ftp_servers[name, tls]

    def passed(self):
        """Since the last call; on loopback nothing passes over the line."""
        self.wan.stdin.write("\n")
        self.wan.stdin.flush()
        numbers = [int(n) for n in self.wan.stdout.readline().split()]
        return Passed(numbers[1] + numbers[4] if self.far else 0, *numbers[6:])

    def close(self):
        for server in self.ftp_servers.values():
            server.close()
        self.sshd.send_signal(signal.SIGTERM)
        self.sshd.wait()
        self.wan.stdin.close()
        self.wan.wait()


def temporary_base():
    """Memory if there is enough, so that no disk disturbs the pairs."""
    if "BENCH_TMP" in os.environ:
        return os.environ["BENCH_TMP"]
    try:
        info = os.statvfs("/dev/shm")
    except OSError:
        return "/var/tmp"
    free = info.f_bavail * info.f_frsize
    return "/dev/shm" if free >= 6 << 30 else "/var/tmp"
