# Goal: a name that cannot be shown as it is is escaped once, however far its
# failure travels before it is told.
. tests/scenario/lib.sh
start_proxy
trust
odd=$(printf 'a\\b\nc.html')
echo odd >"$site/$odd"

rules 'status posix-rename * 3 No.'
ferry publish --source "$site" --url "$url" --key "$key"
expect_exit 51
expect_text 'the first: cannot replace a\\b\x0ac.html: permission denied'
rules
ferry publish --source "$site" --url "$url" --key "$key"
expect_exit 0
same_tree "$site" "$htdocs"
