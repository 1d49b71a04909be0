# Goal: night for night a few files change; some nights are killed, some undone,
# some come from another machine: nothing grows, and the site is what was built.
# A few nights here, 2,000 by `make endurance`.
ENDURANCE_NIGHTS=${ENDURANCE_NIGHTS:-9} exec sh tests/endurance/run nightly
