"""ftp_peer.py HOW: an FTP server that is no good, on a free port of 127.0.0.1.

It prints its port, serves everybody who comes, and writes every command that
it hears to standard error.  It ends after a minute, or when it is killed.

HOW  crowded     421 at once              crowded530   530 after PASS
     elsewhere   PASV names another machine (and there is no EPSV)
     noepsv      EPSV gives a port where nobody listens
     silentepsv  EPSV is never answered
     liar        226 after half of a file was kept
     full        452 in the middle of a STOR, and the connection is cut
     abort426 abort450 abort522          that code in the middle
     slow        every answer byte by byte
     endless     a reply that never ends  long         a line of 1 MB
     control     replies with control bytes
     dropped     hangs up when all of a file has come, without 226
     early       150 when the first byte of a STOR is there, in three lines
     tardy       425 if a byte is there before it says 150
     no150       says nothing before the 226
     refuses     553 for every STOR, and leaves the port open
     deadlater   from the second on, EPSV gives a port where nobody listens
     ahead       calls itself vsFTPd, and from the second STOR on says 226 when
                 another command is there ("ahead", it writes then)
     aheadslow   the same, byte by byte and in two lines
     ahead500 aheaddead aheadcut  as ahead; but that command, an EPSV, is
                 refused, gives a port where nobody listens, or ends it all
     aheadgone   as aheadcut, without the 226
     aheadhalf   as aheadcut, amid the answer
     half150     hangs up amid the 150
     ahead553    as ahead, but the second STOR is refused
     aheadnot    only calls itself vsFTPd
     cut         a listing with a part of its names, and an evil one
"""
import select
import signal
import socket
import sys
import threading
import time

how = sys.argv[1]
files = {}


class Session:
    def __init__(self, sock):
        self.sock = sock
        self.data = None
        self.ports = 0
        self.stores = 0
        self.ahead = False

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode() + b"\r\n"
        if how in ("slow", "early", "aheadslow"):
            for i in range(len(data)):
                self.sock.sendall(data[i : i + 1])
                time.sleep(0.001)
        else:
            self.sock.sendall(data)

    def listen(self):
        if self.data:
            self.data.close()
        self.data = socket.create_server(("127.0.0.1", 0))
        self.data.settimeout(10)
        return self.data.getsockname()[1]

    def hear_ahead(self):
        self.stores += 1
        if self.stores < 2 or (self.stores > 2 and how[5:] not in ("", "slow")):
            return
        if select.select([self.sock], [], [], 5)[0]:
            print("ahead", file=sys.stderr, flush=True)
            self.ahead = True

    def store(self, path, append):
        if how == "refuses":
            return self.say("553 not this one")
        if how == "half150":
            self.say(b"150 g")
            raise EOFError
        if how not in ("early", "tardy", "no150"):
            self.say("150 go on")
        conn, _ = self.data.accept()
        if how == "early":
            conn.recv(1, socket.MSG_PEEK)
            self.say("150-go on\r\n226 is not meant\r\n150 now")
        if how == "tardy":
            conn.settimeout(0.5)
            try:
                conn.recv(1, socket.MSG_PEEK)
                conn.close()
                return self.say("425 not yet")
            except socket.timeout:
                conn.settimeout(None)
                self.say("150 go on")
        got = b""
        most = {"full": 100000, "abort426": 1, "abort450": 1, "abort522": 1}
        while True:
            piece = conn.recv(65536)
            if not piece:
                break
            got += piece
            if len(got) >= most.get(how, 1 << 30):
                # unread bytes: the client meets a reset
                conn.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                )
                break
        conn.close()
        if how.startswith("ahead") and how != "aheadnot":
            self.hear_ahead()
        if self.ahead and how == "aheadgone":
            raise EOFError
        if self.ahead and how == "ahead553":
            self.ahead = False
            return self.say("553 not this one")
        if how == "liar":
            got = got[: len(got) // 2]
        files[path] = (files.get(path, b"") if append else b"") + got
        if how == "full":
            self.say("452-Error during write\r\n452 No space left on device")
        elif how.startswith("abort"):
            self.say(how[5:] + " not now")
        elif how == "dropped":
            raise EOFError
        elif how == "aheadslow":
            self.say("226-229 is not meant\r\n226 done")
        else:
            self.say("226 done")

    def send(self, data):
        self.say("150 here it is")
        conn, _ = self.data.accept()
        conn.sendall(data)
        conn.close()
        self.say("226 cut at 2 lines" if how == "cut" else "226 done")

    def command(self, line):
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if verb == "USER":
            self.say("331 password")
        elif verb == "PASS":
            if how == "crowded530":
                self.say("530 Sorry, the maximum number of clients is reached")
            else:
                self.say("230 welcome")
        elif verb == "PWD":
            self.say('257 "/"')
        elif verb == "FEAT" and how == "endless":
            self.say("211-Features")
            while True:
                self.say(" X" * 100)
        elif verb == "FEAT" and how == "long":
            self.say("211-" + "x" * (1 << 20))
            self.say("211 end")
        elif verb == "FEAT":
            self.say("211-Features\r\n SIZE\r\n REST STREAM\r\n211 end")
        elif verb in ("TYPE", "NOOP", "CWD", "OPTS"):
            self.say("200 ok")
        elif verb == "EPSV" and self.ahead and how == "aheadcut":
            raise EOFError
        elif verb == "EPSV" and self.ahead and how == "aheadhalf":
            self.say(b"229 ok (|||2")
            raise EOFError
        elif verb == "EPSV" and self.ahead and how == "ahead500":
            self.ahead = False
            self.say("500 not now")
        elif verb == "EPSV" and self.ahead and how == "aheaddead":
            self.ahead = False
            self.say("229 ok (|||1|)")
        elif verb == "EPSV" and how == "silentepsv":
            pass
        elif verb == "EPSV" and how == "elsewhere":
            self.say("502 no")
        elif verb == "EPSV" and how == "noepsv":
            self.say("229 ok (|||1|)")
        elif verb == "EPSV" and how == "deadlater" and self.ports > 0:
            self.say("229 ok (|||1|)")
        elif verb == "EPSV":
            self.ports += 1
            self.say("229 ok (|||%d|)" % self.listen())
        elif verb == "PASV":
            port = self.listen()
            host = "127,0,0,1" if how != "elsewhere" else "192,0,2,1"
            self.say("227 ok (%s,%d,%d)" % (host, port >> 8, port & 255))
        elif verb in ("STOR", "APPE"):
            self.store(rest, verb == "APPE")
        elif verb == "RETR":
            self.send(files.get(rest, b""))
        elif verb == "LIST":
            names = "index.html", "../evil" if how == "cut" else "page.html"
            self.send(
                b"".join(
                    b"-rw-r--r-- 1 u g 1 Jan 1 2024 %s\r\n" % n.encode()
                    for n in names
                )
            )
        elif verb == "SIZE":
            if rest in files:
                self.say("213 %d" % len(files[rest]))
            elif how == "control":
                self.say(b"550 \x1b[31mred\x07\x00\xff\r\n")
            else:
                self.say("550 no such file")
        elif verb == "QUIT":
            raise EOFError
        else:
            self.say("502 no")

    def serve(self):
        if how == "crowded":
            return self.say("421 There are too many connections")
        self.say("220 (vsFTPd 3)" if how.startswith("ahead") else "220 peer")
        # unbuffered: what comes ahead is to be seen in the socket
        for raw in self.sock.makefile("rb", buffering=0):
            line = raw.decode("latin-1")
            print(line.strip(), file=sys.stderr, flush=True)
            self.command(line.rstrip("\r\n"))


def serve(sock):
    try:
        Session(sock).serve()
    except (EOFError, OSError):
        pass
    finally:
        sock.shutdown(socket.SHUT_RDWR) if sock.fileno() >= 0 else None
        sock.close()


def quietly(sock):
    try:
        serve(sock)
    except OSError:
        pass


signal.alarm(60)
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    threading.Thread(
        target=quietly, args=(server.accept()[0],), daemon=True
    ).start()
