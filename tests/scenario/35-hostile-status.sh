# Goal: an error status in each place where one can come has its exit status and
# its words, tears nothing, and leaves nothing behind that hinders the next run.
# Long: many cases.
. tests/scenario/hostile.sh

run_cases <<'END'
# 2 no such file, 3 permission denied, 4 failure, 8 unsupported, others unknown
30,32,33 status OPEN:ledger 1 2 no
0,30 status OPEN:ledger 1 3 no
30 status OPEN:ledger * 3 no
0,30 status OPEN:ledger 1 4 no
30 status OPEN:ledger 2 4 no
0,30 status OPEN:ledger 3 3 no
0,30 status FSTAT:ledger 1 4 no
0,30 status READ:ledger 1 3 no
30 status READ:ledger * 4 no
0,30 status READ:ledger 1 1 eof
0 status CLOSE:ledger 1 4 no
30 status WRITE:ledger 1 4 no
30 status WRITE:ledger 2 4 no
30 status WRITE:ledger 3 4 no
30 status WRITE:ledger 1 3 no
30 status FSETSTAT:ledger 1 4 no
30 status FSTAT:ledger 2 4 no
30 status CLOSE:ledger 2 4 no

30 status OPEN:lock * 3 no
30 status OPEN:lock * 4 no
30 status WRITE:lock * 4 no
0 status WRITE:lock 1 4 no
0 status FSTAT:lock 1 4 no
30 status CLOSE:lock * 4 no
0 status LSTAT:lock * 4 no
0 status REMOVE:lock 1 3 no

30 status OPEN:stage 1 3 no
0 status OPEN:stage 2 4 no
30 status OPEN:stage * 4 no
30 status OPEN:stage 2 2 no
30 status OPEN:stage * 8 no
30 status WRITE:stage 2 4 no
30 status WRITE:stage 2 3 no
30 status WRITE:stage 2 99 what
30 status WRITE:stage * 4294967295 what
30 status FSETSTAT:stage 1 3 no
30 status FSETSTAT:stage 2 4 no
30 status FSETSTAT:stage 1 8 no
30 status FSTAT:stage 1 4 no
30 status CLOSE:stage 1 4 no
30 status CLOSE:stage * 15 quota

30 status LSTAT:index 1 3 no
30 status LSTAT:index 1 4 no
0 status LSTAT:index 1 2 no
51 status MKDIR:new 1 3 no
51 status MKDIR:new 1 4 no
51 status posix-rename 1 4 no
51 status posix-rename 1 3 no
51 status posix-rename 1 8 no
51 status posix-rename 2 2 no
51 status posix-rename * 4 no
51 status REMOVE:new 1 3 no
51 status REMOVE:new 1 4 no
END

# the server's own words never reach the terminal as they are
printf '30 status WRITE:stage 2 4 \033[31m\007\t"\\ \377 no\n' >"$tmp/case"
run_cases <"$tmp/case"
