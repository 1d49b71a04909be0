"""slow_line.py PORT RATE: a line to this port of the loopback interface, RATE
bytes a second each way and hardly a buffer; prints the port to connect to."""
import socket
import sys
import threading
import time

PORT, RATE = int(sys.argv[1]), int(sys.argv[2])
PIECE = 2048


def pour(source, sink):
    due = time.monotonic()
    try:
        while data := source.recv(PIECE):
            due = max(due, time.monotonic() - 0.1) + len(data) / RATE
            time.sleep(max(0, due - time.monotonic()))
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def narrow(s):
    for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        s.setsockopt(socket.SOL_SOCKET, buffer, 4 * PIECE)
    return s


listener = narrow(socket.socket())
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
while True:
    near = narrow(listener.accept()[0])
    far = narrow(socket.socket())
    far.connect(("127.0.0.1", PORT))
    for ends in ((near, far), (far, near)):
        threading.Thread(target=pour, args=ends, daemon=True).start()
