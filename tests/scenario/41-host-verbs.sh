# Goal: host show, trust, forget and list say what is known, where it stands and
# what to type; a question is asked where somebody can answer, and no by
# default; what was not confirmed is not recorded.
. tests/scenario/lib.sh
small_site
start_sshd
own=$HOME/.local/share/sandferry/known_hosts
offered=$(fingerprint "$host_key")
make_key "$tmp/other" ed25519
make_key "$tmp/ecdsa" ecdsa
other=$(fingerprint "$tmp/other")
name="[127.0.0.1]:$port"
known() {
	printf '%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$2.pub")"
}
recorded() {
	[ -s "$own" ] || fail 'it was not recorded'
}
not_recorded() {
	[ ! -s "$own" ] || fail 'it was recorded'
}
# literally TEXT: in an extended regular expression.
literally() {
	printf '%s' "$1" | sed 's/[].[\*^$+?(){|]/\\&/g'
}
# What was printed can be typed.
sandferry() {
	ferry "$@"
}

# ---- show: the command that it prints does it, from any folder ----
dir="$tmp/it's a site"
mkdir "$dir"
printf 'source = .\n[b]\nurl = %s\n[c]\nurl = %s\n' "$url" "$url" \
    >"$dir/sandferry.ini"
shown() {
	expect_exit 0
	expect_match "^verdict +$1"
	expect_text "fingerprint  $offered"
	expect_text "hostkey = $offered"
	expect_text "$(known "$name" "$host_key")"
}
for way in '--url' '--config' '-C' '--known-hosts'; do
	set -- host show
	where=$own
	case $way in
	--url) set -- "$@" --url "$url" ;;
	--config) set -- "$@" --config "$dir/sandferry.ini" --target b ;;
	-C) set -- -C "$dir" "$@" c ;;
	--known-hosts)
		where="$tmp/my keys"
		set -- "$@" --url "$url" --known-hosts "$where"
		;;
	esac
	ferry "$@"
	shown unknown
	not_recorded
	eval "$(sed -n 's/^to trust it  *//p' "$tmp/out")"
	expect_exit 0
	[ "$(cat "$where")" = "$(known "$name" "$host_key")" ] ||
	    fail "not recorded: $way"
	ferry "$@"
	shown trusted
	expect_text "$where:1: the same key: ssh-ed25519 $offered"
	rm "$where"
done

# ---- trust, where nobody can answer ----
ferry host trust --url "$url"
expect_exit 11
expect_text "sandferry host trust --url $url --fingerprint $offered"
ferry host trust --url "$url" --fingerprint "$other"
expect_exit 12
expect_no_match "host trust|--fingerprint $(literally "$offered")"
ferry host trust --url "$url" --fingerprint "$other" --json
expect_exit 12
expect_no_match '"command".*"type":"summary"'
! grep '"failure"' "$tmp/out" | grep -q '"command"' || fail 'it says how'
ferry host trust --url "$url" --fingerprint "${offered#SHA256:}"
expect_exit 2
expect_text 'Write SHA256: before it'
not_recorded

# ---- a changed key: superseded when confirmed, and other types stay ----
mkdir -p "${own%/*}"
{
	echo '# mine'
	known "$name,elsewhere" "$tmp/other"
	known "$name" "$tmp/ecdsa"
} >"$own"
cp "$own" "$tmp/before"
ferry host trust --url "$url" --json
expect_exit 12
expect_match "\"failure\",\"id\":\"host_key_changed\".*\"verdict\":\"changed\".*\
\"own\":\{\"path\":\"$own\",\"verdict\":\"changed\",\"line\":2,\
\"key_type\":\"ssh-ed25519\",\"fingerprint\":\"$(literally "$other")\"\}"
ferry host trust --url "$url" --hostkey "$offered" # a pin is not enough
expect_exit 12
cmp -s "$own" "$tmp/before" || fail 'it was written'
ferry host trust --url "$url" --fingerprint "$offered"
expect_exit 0
expect_text "recorded in $own instead of $other"
known "$name" "$host_key" >"$tmp/line"
grep -qxFf "$tmp/line" "$own" || fail 'not recorded'
grep -qxF "$(known elsewhere "$tmp/other")" "$own" ||
    fail 'another host was forgotten'
grep -qxF "$(known "$name" "$tmp/ecdsa")" "$own" || fail 'another type went'

# ---- list ----
{
	known '*.example.org,!x.example.org' "$tmp/ecdsa"
	printf '@revoked '
	known bad.example.org "$tmp/other"
	printf '@cert-authority '
	known '*' "$tmp/other"
} >"$tmp/fallback"
known hidden "$tmp/other" >"$tmp/hashed"
ssh-keygen -q -H -f "$tmp/hashed" >"$tmp/ignored" 2>&1
cat "$tmp/hashed" >>"$own"
fallback=$tmp/fallback
ferry host list
expect_exit 0
[ "$(wc -l <"$tmp/out")" -eq 4 ] || fail 'not every line is listed'
expect_match "^$(literally "$name") +ssh-ed25519 +$(literally "$offered")  $own:"
expect_match '^\(hashed name\) +ssh-ed25519'
ferry host list --all
[ "$(wc -l <"$tmp/out")" -eq 7 ] || fail 'not every file is listed'
expect_match "^@revoked bad.example.org .*$(literally "$other")  $fallback:2"
expect_match '^@cert-authority \* '
ferry host list --all --json
[ "$(grep -c '"type":"host_entry"' "$tmp/out")" -eq 7 ] || fail 'no events'
expect_match '"hosts":"\|1\|[^"]*","hashed":true,"only_read":false,"key_type'
expect_match "$fallback\",\"line\":2,\"hosts\":\"bad.example.org\",\
\"hashed\":false,\"only_read\":true,\"marker\":\"revoked\""

# ---- forget: which lines, and who knows it all the same ----
known "$name" "$host_key" >>"$fallback"
ferry host forget --url "$url"
expect_exit 0
expect_match "^- .*$(literally "$offered")  $own:[0-9]+\$"
expect_text "removed 2 lines from $own"
expect_text "still known by $fallback:4: ssh-ed25519 $offered"
grep -qx '# mine' "$own" || fail 'a comment went'
ferry host forget --url "$url"
expect_exit 0
expect_text "$own holds no key of $name"
ferry host trust --url "$url" # what the fallback knows needs no question
expect_exit 0
rm "$own"

# ---- the system's file, when asked ----
known "$name" "$tmp/other" >"$tmp/system"
ferry host show --url "$url" --system-known-hosts "$tmp/system"
expect_match "^fallback +$fallback:4: the same key"
expect_match "^system +$tmp/system:1: ANOTHER KEY: ssh-ed25519 $(literally "$other")"
known "$name" "$host_key" >"$tmp/system"
fallback=none
published --system-known-hosts "$tmp/system"
not_recorded

# ---- a line that cannot be written: a warning, but no end ----
: >"$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$own"
ferry host trust --url "$url" --fingerprint "$offered"
expect_exit 1 2
published --hostkey "$offered"
expect_match '"type":"warning"'
not_recorded
rm "$own"
