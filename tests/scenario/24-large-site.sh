# Goal: 100,000 files are planned in less than 100 MB of memory.  10,000 files,
# unless SANDFERRY_LONG=1.
. tests/scenario/lib.sh
case $FERRY in
*/asan/* | */tsan/*) skip 'a sanitizer needs memory of its own' ;;
esac
count=10000 limit=40000
[ "${SANDFERRY_LONG:-}" != 1 ] || count=100000 limit=100000
many_files $count
start_sshd
trust

# peak COMMAND...: run it, print the most memory in KiB that it ever held
peak() {
	python3 -c 'import resource, subprocess, sys
rc = subprocess.call(sys.argv[1:], stdout=open("/dev/null", "w"))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(rc)' "$@"
}
command -v python3 >/dev/null || skip 'no python3'

plan() {
	used=$(peak "$FERRY" plan --source "$site" --url "$url" --key "$key" \
	    --fallback-known-hosts none --no-input -q)
	rc=$?
	expect_exit 0
	echo "$1: $count files planned in $used KiB"
	[ "$used" -lt $limit ] || fail 'that is too much memory'
}
plan first
published
expect_count sent $count
plan again
published
expect_count sent 0
echo more >>"$site/7/page 777.html"
published
expect_count sent 1
same_tree "$site" "$htdocs"
