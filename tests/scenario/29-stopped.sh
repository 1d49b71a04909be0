# Goal: while we are stopped, as by ^Z, the server has to wait: that is no
# silence of the server's.
. tests/scenario/lib.sh
start_sshd
trust
many_files 4000
(
	exec "$FERRY" publish --source "$site" --url "$url" --key "$key" \
	    --no-input --fallback-known-hosts none --stall-timeout 2 --json \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
) &
pid=$!
started="$started $pid"
wait_for test -d "$htdocs/.sandferry/stage"
sleep 0.2
kill -STOP $pid
sleep 3
kill -CONT $pid
wait $pid
rc=$?
expect_exit 0
same_tree "$site" "$htdocs"

# And what waits for the reader of standard output is written all the same.
command -v python3 >/dev/null || skip 'no python3'
mkdir "$tmp/folder"
python3 - "$FERRY" plan --source "$site" --url "file://$tmp/folder" \
    >"$tmp/out" 2>"$tmp/err" <<'END'
import fcntl, signal, struct, subprocess, sys, termios, time

p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, pipesize=4096)


def waits():
    n = fcntl.ioctl(p.stdout, termios.FIONREAD, b"0000")
    return struct.unpack("i", n)[0] == 4096


def is_stopped():
    with open("/proc/%d/stat" % p.pid) as f:
        return f.read().rsplit(")", 1)[1].split()[0] == "T"


def until(what):
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)
    sys.exit("never: " + what.__name__)


until(waits)
time.sleep(0.1)
p.send_signal(signal.SIGTSTP)
until(is_stopped)
p.send_signal(signal.SIGCONT)
sys.stdout.buffer.write(p.communicate()[0])
sys.exit(p.returncode)
END
rc=$?
expect_exit 0
[ "$(grep -c '^+ ' "$tmp/out")" -eq "$(find "$site" -type f | wc -l)" ] ||
    fail 'what was being written is lost'
