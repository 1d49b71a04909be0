"""How each program is asked to make a far folder equal to a near one."""

import os
from pathlib import Path

from line import PORT


class Task:
    """One run: from `source' over `line' to `target' with `login'."""

    def __init__(self, line, login, source, target, home):
        self.line, self.login = line, login
        self.source, self.target = source, target
        self.home = home
        self.to = f"root@{line.host}"
        self.ssh = ["ssh", "-F", str(login.config)]

    def url(self):
        return f"sftp://{self.to}:{PORT}"

    def env(self):
        keep = {k: os.environ[k] for k in ("PATH", "LANG", "TERM")
                if k in os.environ}
        return {**keep, "HOME": str(self.home)}


def ours(task, verb="publish"):
    program = Path(os.environ["BIN"]) / "sandferry"
    return [program, verb, "--source", task.source,
            "--url", f"{task.url()}{task.target}", "--key", task.login.key,
            "--known-hosts", task.login.known_hosts,
            "--fallback-known-hosts", "none", "--no-input"]


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


PEERS = {
    "no wall": _unconfined,
    "rsync -a": _rsync("-a"),
    "rsync -az": _rsync("-az"),
    "sftp": _sftp,
    "scp": _scp,
    "lftp 1": _lftp(1),
    "lftp 8": _lftp(8),
    "rclone 4": _rclone(4),
    "rclone 32": _rclone(32),
}

# These send everything again: they have no second run to speak of.
FORGETFUL = {"sftp", "scp"}
