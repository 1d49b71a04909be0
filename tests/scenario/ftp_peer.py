"""ftp_peer.py ROOT RULES LOG [PEM]: an FTP server that keeps to its rules, on a
port of the loopback interface that it prints.  LOG gets each command that
arrives; with PEM it speaks TLS, and marks "CLEAR" what comes without.

A rule: COMMAND or * [/PART] TIMES DEED..., the first that fits counts, TIMES times
(* for ever), when the command's argument contains PART.  DEEDs:

  as-usual         the rule is there to count
  say 450 text     answer this, do nothing
  only 450 text    answer this although it was done
  stale 550 text   RNFR, RNTO: answer this, and the last RNFR still counts
  mute             do it, and do not answer
  twice            answer twice
  lone             close the connection if a further command has come already
  cut              STOR, APPE: keep half of the file, and say 226
  drop             close the connection, do nothing
  done-drop        do it, then close without an answer
  half-drop        STOR: keep half, then close without an answer
  foul-drop        the same, and its last byte is another
  vanish           STOR: say 226, and keep nothing
  mid 426 text     STOR: keep half, close the data connection, answer this
  elsewhere        PASV: name 127.0.0.2, and log who comes there
  stall            answer nothing for ever
  dead             EPSV, PASV: name a port where nobody is
  hole             EPSV, PASV: name a port where nobody answers at all
  huge             a reply of a million bytes
  endless          a reply of many lines that never ends
  control          a reply with control bytes
  slow             the reply byte by byte
  keep             RNTO: do not replace what is there
  lines N          LIST, MLSD: N names at most
  strip            end TLS on the control connection, go on in clear
  offer NAME       FEAT: name this too
  inject TEXT      AUTH: the answer, and this in clear right behind it
  bare             STOR, MLSD: the data connection is without TLS
  impostor PEM     the data connection shows this certificate
RULES is read again for each command.
"""
import os
import socket
import ssl
import sys
import threading
import time

root, rules_file, log_file = sys.argv[1:4]
tls = None
if len(sys.argv) > 4:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[4])
lock = threading.Lock()
used = {}
sessions = []


def log(text):
    with lock, open(log_file, "ab") as f:
        f.write(os.fsencode(text + "\n"))


def rule_for(command, argument):
    with lock:
        with open(rules_file, encoding="utf-8") as f:
            for line in f:
                words = line.split()
                if not words or words[0] not in (command, "*"):
                    continue
                part = words[1][1:] if words[1].startswith("/") else ""
                rest = words[2 if words[1].startswith("/") else 1:]
                times = rest[0]
                if part not in argument:
                    continue
                if times != "*" and used.get(line, 0) >= int(times):
                    continue
                used[line] = used.get(line, 0) + 1
                return rest[1], " ".join(rest[2:])
    return "", ""


class Session(threading.Thread):
    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock = sock
        self.pending = b""  # came, and was not looked at
        self.listener = None
        self.rest = 0
        self.source = None
        self.deed = ""
        self.more = ""
        self.secret = False  # the control connection is encrypted
        self.private = False  # the next data connection is to be

    def say(self, text):
        data = (text + "\r\n").encode()
        if self.deed == "slow":
            for i in range(len(data)):
                self.sock.sendall(data[i:i + 1])
        elif self.deed == "only":
            self.sock.sendall((self.more + "\r\n").encode())
        else:
            self.sock.sendall(data)

    def path(self, name):
        name = os.path.normpath("/" + name)
        return root + name

    def run(self):
        try:
            self.serve()
        except (OSError, ValueError):
            pass
        if self.listener:
            self.listener.close()
        self.sock.close()
        sessions.remove(self)

    def serve(self):
        log("CONNECT")
        self.deed, self.more = rule_for("CONNECT", str(len(sessions)))
        if self.deed == "say":
            self.sock.sendall((self.more + "\r\n").encode())
            return
        self.say("220 peer")
        self.hear()
        while True:
            line = self.line()
            if not line:
                return
            command, _, argument = line.partition(" ")
            command = command.upper()
            log(("CLEAR " if tls and not self.secret else "") +
                (command if command == "PASS" else line))
            self.deed, self.more = rule_for(command, argument)
            if self.deed in ("say", "stale"):
                if self.deed == "say" and command in ("RNFR", "RNTO"):
                    self.source = None
                self.sock.sendall((self.more + "\r\n").encode())
                continue
            if self.deed == "drop" or (self.deed == "lone" and self.pending):
                return
            if self.deed == "stall":
                time.sleep(1000)
            if self.deed == "huge":
                self.sock.sendall(b"200 " + b"x" * 1000000 + b"\r\n")
                continue
            if self.deed == "endless":
                self.endless()
            if self.deed == "control":
                self.sock.sendall(b"553 \x1b[2Jred \x07bell \x9b1m\x00end\r\n")
                continue
            if self.deed == "strip":
                self.sock = self.sock.unwrap()
                self.secret = False
                self.hear()
            handler = getattr(self, "do_" + command.lower(), None)
            if handler is None:
                self.say("502 no " + command)
                continue
            try:
                answer = handler(argument)
            except FileNotFoundError:
                answer = "550 No such file or directory"
            except FileExistsError:
                answer = "550 File exists"
            except OSError as e:
                answer = "550 " + e.strerror
            if self.deed.endswith("-drop"):
                return
            if answer and self.deed != "mute":
                self.say(answer)
            if self.deed == "twice":
                self.say(answer)
            if command == "QUIT":
                return

    def hear(self):
        self.pending = b""

    def line(self):
        while b"\n" not in self.pending:
            data = self.sock.recv(65536)
            if not data:
                return ""
            self.pending += data
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode("utf-8", "surrogateescape").rstrip("\r")

    def endless(self):
        self.sock.sendall(b"200-begin\r\n")
        while True:
            self.sock.sendall(b" and so on\r\n" * 100)

    # ---- one command each; the answer ----

    def do_auth(self, _):
        if not tls:
            return "502 no AUTH"
        answer = b"234 go on\r\n"
        if self.deed == "inject":
            answer += (self.more + "\r\n").encode()
        self.sock.sendall(answer)
        self.sock = tls.wrap_socket(self.sock, server_side=True)
        self.secret = True
        self.hear()
        return None

    def do_pbsz(self, _):
        return "200 0"

    def do_prot(self, level):
        self.private = level == "P"
        return "200 ok"

    def do_user(self, _):
        return "331 password"

    def do_pass(self, _):
        return "230 in"

    def do_quit(self, _):
        return "221 bye"

    def do_noop(self, _):
        return "200 ok"

    def do_syst(self, _):
        return "215 UNIX Type: L8"

    def do_pwd(self, _):
        return '257 "/"'

    def do_cwd(self, name):
        return "250 ok" if os.path.isdir(self.path(name)) else "550 none"

    def do_type(self, _):
        return "200 ok"

    def do_opts(self, _):
        return "200 ok"

    def do_feat(self, _):
        names = ["UTF8", "EPSV", "SIZE", "MDTM", "REST STREAM", "MFMT",
                 "MLST type*;size*;modify*;UNIX.mode*;", "APPE"]
        if self.deed == "offer":
            names.append(self.more)
        self.sock.sendall("211-\r\n{}211 end\r\n".format(
            "".join(" " + n + "\r\n" for n in names)).encode())

    def listen(self):
        if self.listener:
            self.listener.close()
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        if self.deed == "dead":
            self.listener.close()
            self.listener = None
        if self.deed == "hole":
            self.listener.listen(0)
            self.crowd = [socket.socket() for _ in range(3)]
            for s in self.crowd:
                s.setblocking(False)
                s.connect_ex(("127.0.0.1", port))
            time.sleep(0.1)
        if self.deed == "elsewhere":
            trap = socket.create_server(("127.0.0.2", port))
            threading.Thread(
                target=lambda: (trap.accept(), log("ELSEWHERE")),
                daemon=True).start()
        return port

    def do_epsv(self, _):
        return "229 ok (|||{}|)".format(self.listen())

    def do_pasv(self, _):
        port = self.listen()
        host = "127,0,0,2" if self.deed == "elsewhere" else "127,0,0,1"
        return "227 ok ({},{},{})".format(host, port // 256, port % 256)

    def data(self):
        self.listener.settimeout(10)
        sock, _ = self.listener.accept()
        self.listener.close()
        self.listener = None
        if tls and (self.deed == "bare" or not self.private):
            sock.settimeout(2)
            seen = sock.recv(65536)
            log("BARE {} {!r}".format(len(seen), seen[:3000]))
            sock.shutdown(socket.SHUT_RDWR)
            return sock
        if self.private:
            context = tls
            if self.deed == "impostor":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.more)
            sock = context.wrap_socket(sock, server_side=True)
        return sock

    def close(self, sock):
        if isinstance(sock, ssl.SSLSocket):
            try:
                sock.settimeout(5)
                sock.unwrap()
            except OSError:
                pass
        sock.close()

    def do_rest(self, offset):
        self.rest = int(offset)
        return "350 ok"

    def store(self, name, how):
        with open(self.path(name), how) as f:
            if self.rest:
                f.seek(self.rest)
                f.truncate()
            self.rest = 0
            self.sock.sendall(b"150 send\r\n")
            sock = self.data()
            chunks = []
            while True:
                chunk = sock.recv(65536)
                if chunk and self.deed == "impostor":
                    log("IMPOSTOR {} bytes".format(len(chunk)))
                if not chunk:
                    break
                chunks.append(chunk)
            body = b"".join(chunks)
            if self.deed in ("cut", "mid", "half-drop", "foul-drop"):
                body = body[:len(body) // 2]
            if self.deed == "foul-drop":
                body = body[:-1] + bytes([body[-1] ^ 1])
            f.write(body)
        if self.deed == "vanish":
            os.unlink(self.path(name))
        self.close(sock)
        return self.more if self.deed == "mid" else "226 stored"

    def do_stor(self, name):
        there = self.rest and os.path.exists(self.path(name))
        return self.store(name, "r+b" if there else "wb")

    def do_appe(self, name):
        return self.store(name, "ab")

    def do_retr(self, name):
        with open(self.path(name), "rb") as f:
            f.seek(self.rest)
            self.rest = 0
            body = f.read()
        self.sock.sendall(b"150 take\r\n")
        sock = self.data()
        try:
            sock.sendall(body)
        except OSError:
            pass
        self.close(sock)
        return "226 sent"

    def facts(self, path):
        st = os.stat(path)
        return "type={};size={};modify={};UNIX.mode=0{:o};".format(
            "dir" if os.path.isdir(path) else "file", st.st_size,
            time.strftime("%Y%m%d%H%M%S", time.gmtime(st.st_mtime)),
            st.st_mode & 0o7777)

    def do_mlst(self, name):
        self.sock.sendall("250-\r\n {} {}\r\n250 end\r\n".format(
            self.facts(self.path(name)), name).encode(
                errors="surrogateescape"))

    def do_list(self, argument):
        """As ls -l does; a file gives its own line."""
        words = [w for w in argument.split(" ") if not w.startswith("-")]
        path = self.path(" ".join(words))
        names = [path]
        if os.path.isdir(path):
            names = sorted(path + "/" + n for n in os.listdir(path))
        if self.deed == "lines":
            names = names[:int(self.more)]
        text = ""
        for name in names:
            st = os.stat(name)
            text += "{}rw-r--r-- 1 1 1 {} {} {}\r\n".format(
                "d" if os.path.isdir(name) else "-", st.st_size,
                time.strftime("%b %d %H:%M", time.gmtime(st.st_mtime)),
                os.path.basename(name))
        return self.give(text)

    def do_mlsd(self, name):
        path = self.path(name)
        names = sorted(os.listdir(path))
        if self.deed == "lines":
            names = names[:int(self.more)]
        text = "".join("{} {}\r\n".format(self.facts(path + "/" + n), n)
                       for n in names)
        return self.give(text)

    def give(self, text):
        self.sock.sendall(b"150 take\r\n")
        sock = self.data()
        sock.sendall(os.fsencode(text))
        self.close(sock)
        return "226 listed"

    def do_size(self, name):
        path = self.path(name)
        if os.path.isdir(path):
            return "550 a folder"
        return "213 {}".format(os.stat(path).st_size)

    def do_avbl(self, name):
        there = os.statvfs(self.path(name))
        return "213 {}".format(there.f_bavail * there.f_frsize)

    def do_mdtm(self, name):
        return "213 " + time.strftime(
            "%Y%m%d%H%M%S", time.gmtime(os.stat(self.path(name)).st_mtime))

    def do_mfmt(self, argument):
        when, _, name = argument.partition(" ")
        at = time.mktime(time.strptime(when + "UTC", "%Y%m%d%H%M%S%Z"))
        at -= time.timezone
        os.utime(self.path(name), (at, at))
        return "213 Modify={}; {}".format(when, name)

    def do_site(self, argument):
        verb, mode, name = argument.split(" ", 2)
        if verb.upper() != "CHMOD":
            return "502 no"
        os.chmod(self.path(name), int(mode, 8))
        return "200 ok"

    def do_mkd(self, name):
        os.mkdir(self.path(name))
        return '257 "{}" made'.format(name)

    def do_rmd(self, name):
        os.rmdir(self.path(name))
        return "250 ok"

    def do_dele(self, name):
        os.unlink(self.path(name))
        return "250 ok"

    def do_rnfr(self, name):
        self.source = None
        os.lstat(self.path(name))
        self.source = self.path(name)
        return "350 go on"

    def do_rnto(self, name):
        source, self.source = self.source, None
        if source is None:
            return "503 RNFR first"
        if self.deed == "keep" and os.path.exists(self.path(name)):
            return "550 File exists"
        os.rename(source, self.path(name))
        return "250 ok"


server = socket.create_server(("127.0.0.1", 0), backlog=50)
print(server.getsockname()[1], flush=True)
while True:
    peer, _ = server.accept()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    session = Session(peer)
    sessions.append(session)
    session.start()
