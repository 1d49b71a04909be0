# Goal: the recipes of examples/ci are run as they stand there: the key out of a
# secret, the host key out of the site file, a summary for people out of the
# JSON; a second checkout sends what has changed; the wrong server gets nothing.
# With DEBS=FOLDER, in a bare system, they install the packages there, too.
. tests/scenario/lib.sh
[ -n "${DEBS:-}" ] || command -v jq >/dev/null || skip 'no jq'
start_sshd
sed -i 's/^/restrict,command="internal-sftp" /' "$tmp/server/authorized_keys"
PATH=$(dirname "$FERRY"):$PATH
secret=$(sed -n 3p "$key")

# What stands in the block NAME of a recipe, for a shell.
#   - name: NAME           NAME:
#     run: |                 - |
#       COMMANDS               COMMANDS
block() {
	awk -v name="$1" '
		$0 ~ "^ *(- name: )?" name ":?$" { found = 1 }
		found && /^ *(run:|-) \|$/ { inside = 1; next }
		!inside { next }
		/^ *$/ { next }
		!indent { match($0, /^ */); indent = RLENGTH }
		{ match($0, /^ */); if (RLENGTH < indent) exit }
		{ print substr($0, indent + 1) }' "$2"
}

# checkout: a machine that was never here, with the repository.
checkout() {
	rm -rf "$tmp/checkout" "$HOME"
	mkdir -p "$tmp/checkout" "$HOME"
	cp -r "$site" "$tmp/checkout/public"
	[ -z "${DEBS:-}" ] || cp "$DEBS"/sandferry_*.deb "$tmp/checkout"
	mkdir "$tmp/checkout/.github"
	cp examples/ci/summary.jq "$tmp/checkout/.github"
	cp examples/ci/summary.jq "$tmp/checkout"
	printf '%s\n' 'source = public' '[production]' "url = $url" \
	    "hostkey = $pin" >"$tmp/checkout/sandferry.ini"
}

# step NAME RECIPE [VARIABLE=VALUE...]: as a runner does it.
step() {
	block "$1" "examples/ci/$2" >"$tmp/step"
	[ -s "$tmp/step" ] || fail "$2 has no $1"
	shift 2
	(cd "$tmp/checkout" && exec env "$@" sh -e "$tmp/step") \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	cat "$tmp/out" "$tmp/err" >"$tmp/all"
}

github() {
	: >"$tmp/summary"
	[ -z "${DEBS:-}" ] || {
		step Install github-actions.yml
		expect_exit 0
	}
	step Publish github-actions.yml "DEPLOY_KEY=$(cat "$key")"
	published=$rc
	step Summary github-actions.yml GITHUB_STEP_SUMMARY="$tmp/summary"
	expect_exit 0
	rc=$published
}

gitlab() {
	[ -z "${DEBS:-}" ] || {
		step before_script gitlab-ci.yml
		expect_exit 0
	}
	step script gitlab-ci.yml DEPLOY_KEY="$key"
	published=$rc
	step after_script gitlab-ci.yml
	expect_exit 0
	cp "$tmp/checkout/publish.md" "$tmp/summary"
	rc=$published
}

for runner in github gitlab; do
	pin=$(fingerprint "$host_key")
	rm -rf "$site" "$htdocs"
	mkdir "$site" "$htdocs"
	small_site
	checkout
	$runner
	expect_exit 0
	same_tree "$site" "$htdocs"
	expect_match '^### Published: production$' "$tmp/summary"
	expect_match '^6 new, 0 changed, ' "$tmp/summary"
	expect_match '^- `index.html`: new$' "$tmp/summary"
	! grep -rqF "$secret" "$tmp/checkout" "$HOME" "$tmp/summary" ||
	    fail 'the key was left in a file'

	echo '<p>More.' >>"$site/index.html"
	: >"$site/a|\`b"
	checkout
	$runner
	expect_exit 0
	expect_match '^1 new, 1 changed, 0 removed, 5 as ' "$tmp/summary"
	expect_match "^- \`a\\|'b\`: new$" "$tmp/summary"
	same_tree "$site" "$htdocs"

	pin=SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
	echo '<p>Not for everybody.' >>"$site/index.html"
	checkout
	$runner
	expect_exit 12
	expect_match '^### Not published: production$' "$tmp/summary"
	expect_match '\(exit status 12, `' "$tmp/summary"
	! grep -q everybody "$htdocs/index.html" || fail 'it was sent'
done

# Two keys, none, and a secret that is no key.
pin=$(fingerprint "$host_key")
ferry publish --source "$site" --url "$url" --key "$key" --key-fd 0
expect_exit 2
expect_text '--key and --key-fd name two keys'
ferry publish --source "$site" --url "$url" --key-fd 7
expect_exit 2
expect_text 'descriptor 7 of --key-fd is not open'
ferry publish --source "$site" --url "$url" --key-fd 0 --password-fd 0
expect_exit 2
expect_text '--key-fd and --password-fd are one descriptor'
ferry publish --source "$site" --url "$url" --key-fd 0 --password-fd 0 \
    --retry 1:0
expect_exit 2
expect_text '--key-fd and --password-fd are one descriptor'
ferry publish --source "$site" --url "$url" --hostkey "$pin" --key-fd 0
expect_exit 14
expect_text 'the key that was handed over: '
