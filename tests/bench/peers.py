"""How each program is asked to make a far folder equal to a near one."""

import os
import subprocess
from pathlib import Path

from line import PORT


class Task:
    """One run: from `source' over `line' to `target' with `login', or by FTP
    to the server `ftp', or (`local') with none of these."""

    def __init__(self, line, login, source, target, home, ftp=None,
                 local=False):
        self.line, self.login, self.ftp = line, login, ftp
        self.local = local
        self.source, self.target = source, target
        self.home = home
        self.to = f"root@{line.host}"
        self.ssh = ["ssh", "-F", str(login.config)]
        self.stdin = ftp.password_file if ftp else os.devnull

    def change(self, number):
        """One page."""
        with open(self.source / "index.html", "a") as page:
            page.write(f"<!-- {number} -->\n")

    def url(self):
        return f"sftp://{self.to}:{PORT}"

    def env(self):
        keep = {k: os.environ[k] for k in ("PATH", "LANG", "TERM")
                if k in os.environ}
        return {**keep, "HOME": str(self.home)}


def ours(task, verb="publish"):
    program = Path(os.environ["BIN"]) / "sandferry"
    if task.local:
        task.target.mkdir(exist_ok=True)
        place = ["--url", f"file://{task.target}"]
    elif task.ftp:
        place = _ftp_ours(task)
    else:
        place = ["--url", f"{task.url()}{task.target}", "--key",
                 task.login.key, "--known-hosts", task.login.known_hosts]
    return [program, verb, "--source", task.source, *place,
            "--fallback-known-hosts", "none", "--no-input"]


def _ftp_ours(task, connections=8):
    ftp = task.ftp
    trust = (["--plain-ftp"] if ftp.tls == "plain" else
             ["--tls-pin", ftp.pin])
    return ["--url", f"ftp://{ftp.user}@{task.line.host}:{ftp.port}"
            f"/{task.target.name}", "--password-fd", "0",
            "--connections", str(connections), *trust]


def _rsync(*options):
    return lambda task: [
        "rsync", *options, "-e", " ".join(task.ssh), f"{task.source}/",
        f"{task.to}:{task.target}/"]


def _scp(task):
    return ["scp", "-q", "-r", "-F", task.login.config, task.source,
            f"{task.to}:{task.target}"]


def _sftp(task):
    batch = Path(task.home) / "batch"
    batch.write_text(f"put -r {task.source} {task.target}\n")
    return ["sftp", "-q", "-F", task.login.config, "-b", batch, task.to]


def _lftp(parallel):
    def argv(task):
        program = " ".join([*task.ssh, "-a", "-x"])
        return ["lftp", "--norc", "-c",
                f"set sftp:connect-program '{program}'; "
                f"set cmd:fail-exit yes; open -u root, {task.url()}; "
                f"mirror -R --parallel={parallel} {task.source} {task.target}"]
    return argv


def _rclone(transfers):
    def argv(task):
        login = task.login
        remote = (f":sftp,host={task.line.host},port={PORT},user=root,"
                  f"key_file={login.key},known_hosts_file={login.known_hosts}")
        return ["rclone", "--config", "/dev/null", "-q", "sync",
                f"--transfers={transfers}", task.source,
                f"{remote}:{task.target}"]
    return argv


def _unconfined(task):
    """What the wall costs: ours without it."""
    return [*ours(task), "--confine=off"]


def _uncompressed(task):
    """What compression, as it is chosen, costs or brings."""
    return [*ours(task), "--compression=no"]


PEERS = {
    "no wall": _unconfined,
    "uncompressed": _uncompressed,
    "rsync -a": _rsync("-a"),
    "rsync -az": _rsync("-az"),
    "sftp": _sftp,
    "scp": _scp,
    "lftp 1": _lftp(1),
    "lftp 8": _lftp(8),
    "rclone 4": _rclone(4),
    "rclone 32": _rclone(32),
}


def _ftp_auto(task):
    """Ours, with as many connections as it thinks best."""
    return [*ours(task), "--connections", "auto"]


# With TLS 1.3 neither of the two can resume a session as vsftpd wants it: lftp
# tries again for minutes, rclone gives up.  ProFTPD refuses rclone in any case.
def _ftp_lftp(parallel):
    def argv(task):
        ftp = task.ftp
        tls = ("set ftp:ssl-allow no" if ftp.tls == "plain" else
               "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; "
               "set ssl:verify-certificate no; "
               "set ssl:priority NORMAL:-VERS-TLS1.3")
        return ["lftp", "--norc", "-c",
                f"set cmd:fail-exit yes; {tls}; "
                f"open -u '{ftp.user},{ftp.password}' "
                f"ftp://{task.line.host}:{ftp.port}; mirror -R "
                f"--parallel={parallel} {task.source} {task.target.name}"]
    return argv


def _ftp_rclone(transfers):
    def argv(task):
        ftp = task.ftp
        secret = subprocess.run(
            ["rclone", "obscure", ftp.password], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()
        tls = "" if ftp.tls == "plain" else (
            ",explicit_tls=true,no_check_certificate=true,disable_tls13=true")
        return ["rclone", "--config", "/dev/null", "-q", "copy",
                f"--transfers={transfers}", task.source,
                f":ftp,host={task.line.host},port={ftp.port},"
                f"user={ftp.user},pass={secret}{tls}:{task.target.name}"]
    return argv


FTP_PEERS = {
    "lftp 8": _ftp_lftp(8),
    "rclone 8": _ftp_rclone(8),
    "auto": _ftp_auto,
}

LOCAL_PEERS = {
    "no wall": _unconfined,
    "rsync -a": lambda task: [
        "rsync", "-a", f"{task.source}/", f"{task.target}/"],
}

# These send everything again: they have no second run to speak of.
FORGETFUL = {"sftp", "scp"}
