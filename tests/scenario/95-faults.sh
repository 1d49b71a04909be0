# Goal: no memory, a system call that fails or does half, a source that changes
# while it is sent, many visitors, two publishers at once: the site is whole, no
# exit status lies; a few points of each here, all of them by `make faults`.
# Long: many points.
exec sh tests/faults/run thin
