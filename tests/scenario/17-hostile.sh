# Goal: whatever a server says, it gets no more than an end of the session: bad
# lengths, ids, types and handles, replies twice or never or late, an end at any
# byte.  Visitors see whole files, and the next run finishes the job.
# Long: many cases.
. tests/scenario/hostile.sh

run_cases <<'END'
# not even a greeting
21 status INIT 1 4 no
30 raw INIT 1 57656c636f6d652c2068756d616e210a
21 raw INIT 1 7fffffff02
21 raw INIT 1 00000000
21 raw INIT 1 00040001
30 raw INIT 1 00000005020000000a
21 raw INIT 1 0000000502000000
0 raw INIT 1 00000009020000000300000004
0 raw INIT 1 0000000d0200000003ffffffff41424344
21 cut INIT 1 0
21 cut INIT 1 3
21 silent INIT 1
0 status limits 1 4
21 raw limits 1 0000005dc9
0 strip limits@openssh.com
0 strip statvfs@openssh.com

# lengths, and what does not fit into them
21 raw OPEN:stage 1 7fffffff66ID00000004
21 raw OPEN:stage 1 0000000d66IDfffffff000000000
21 raw OPEN:ledger 1 0000000966IDffffffff
21 raw WRITE:stage 2 ffffffff65ID
21 raw WRITE:stage 2 00000000
21 raw WRITE:stage 2 0000000165
21 raw WRITE:stage 2 0000000565ID
21 raw READ:ledger 1 0000000967IDffffffff
21 raw READ:ledger 1 0000000967ID00000000
21 raw FSTAT:stage 1 0000000969IDffffffff

# replies of no known kind, or of one that cannot be
21 raw WRITE:stage 2 00000009c8ID00000000
21 raw WRITE:stage 2 00000009ffID00000000
30 raw WRITE:stage 2 0000000969ID00000000
30 raw OPEN:stage 1 0000000969ID00000000
30,32 status OPEN:stage 1 0 fine
30 status FSTAT:stage 1 0 fine
0,30 status OPEN:ledger 1 0 fine
21 status READ:ledger 1 0 fine
30 status LSTAT:index 1 0 fine

# handles: 256 bytes are allowed, no more and not none
21 handle OPEN 1 0
21 handle OPEN:stage 1 0
0 handle OPEN * 255
0 handle OPEN * 256
21 handle OPEN * 257
21 handle OPEN:stage 2 257

# ids
21 wrong-id OPEN 1
21 wrong-id WRITE:stage 2
21 wrong-id posix-rename 1
21 twice OPEN:stage 1
21 twice WRITE:stage 2
21 twice posix-rename 1
21 version WRITE:stage 3
21 version OPEN:ledger 1

# the end, anywhere
21 cut READ:ledger 1 7
21 cut OPEN:lock 1 0
21 cut OPEN:stage 1 0
21 cut WRITE:stage 3 5
21 cut CLOSE:stage 2 0
21 cut WRITE:ledger 2 0
21 cut posix-rename 2 3
21 cut MKDIR:new 1 0
21 cut REMOVE:new 1 0
21 cut WRITE:ledger 3 0
0,21 cut REMOVE:lock 1 4

# silence
21 silent limits 1
21 silent WRITE:stage 2
21 silent CLOSE:stage 1
21 silent posix-rename 1
21 silent WRITE:ledger 3
0,21 silent REMOVE:lock 1

# lies about sizes
0 raw FSTAT:stage 1 0000001169ID000000010000000000000001
50 raw FSTAT:stage * 0000001169ID000000010000000000000001
0 raw FSTAT:ledger 1 0000001169ID000000017fffffffffffffff
0 raw FSTAT:ledger 1 0000001169ID00000001ffffffffffffffff
32 raw LSTAT:index 1 0000001169ID00000001ffffffffffffffff

# odd, but allowed
0 bytewise
0 reorder 7
0 reorder 60
0 short READ *
0 delay ANY * 10
END
