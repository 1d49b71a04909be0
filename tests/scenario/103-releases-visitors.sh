# Goal: whoever reads through `current' while releases come, go and are undone
# finds each time all of one publish, and never misses a page.
. tests/scenario/lib.sh
[ -x "$(command -v python3)" ] || skip 'no python3'
small_site
many_files 40
start_sshd
trust
current=$htdocs/current

stamp() {
	find "$site" -name '*.html' -exec sh -c \
	    'for f; do echo "publish '"$1"'" >"$f"; done' sh {} +
	rm -f "$site/only "*
	echo "publish $1" >"$site/only $1.html"
}

stamp 1
published --layout releases

# One visit: the folder that the link leads to is opened once, as a web server
# opens the path of a request; all pages in it are of the same publish.
cat >"$tmp/visit.py" <<'END'
import os
import sys

current, stop = sys.argv[1:]
visits, seen = 0, set()
while not os.path.exists(stop) or visits == 0:
    top = os.open(current + "/", os.O_RDONLY)
    stamps, pages = set(), 0
    for where, _, names, fd in os.fwalk(".", dir_fd=top):
        for name in names:
            if name.endswith(".html"):
                with open(os.open(name, os.O_RDONLY, dir_fd=fd)) as f:
                    stamps.add(f.read())
                pages += 1
    if len(stamps) != 1 or pages != 44:
        sys.exit("%d pages of %s" % (pages, sorted(stamps)))
    # and one page alone, by its path
    with open(current + "/index.html") as f:
        seen |= stamps | {f.read()}
    os.close(top)
    visits += 1
print(visits, "visits,", len(seen), "publishes")
END
python3 "$tmp/visit.py" "$current" "$tmp/stop" >"$tmp/visits" 2>&1 &
visitor=$!
started="$started $visitor"
for i in 2 3 4 5; do
	stamp $i
	published --layout releases
done
ferry undo --layout releases --url "$url" --key "$key"
expect_exit 0
kill -0 $visitor 2>/dev/null || fail "$(cat "$tmp/visits")"
touch "$tmp/stop"
wait $visitor || fail "$(cat "$tmp/visits")"
expect_match '^[0-9]+ visits' "$tmp/visits"
cat "$tmp/visits"
