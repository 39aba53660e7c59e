# `just` lists these.
_default:
    @just --list --unsorted

# Run everything on this machine: the database, the web process and a worker
dev *ARGS:
    cargo run -- dev {{ ARGS }}

# What CI says before it runs the tests; takes a minute or two once everything is built
check:
    .ci/run fmt typos deny lint sqlx

# Run the tests
test *ARGS:
    cargo test --workspace {{ ARGS }}

# Throw the development database away: the next `just dev` starts from nothing
[confirm("Delete .pykhbrain, with every conversation in it?")]
db-reset:
    @! kill -0 "$(head -n 1 .pykhbrain/postgres/data/postmaster.pid 2>/dev/null)" 2>/dev/null || { echo "stop \`just dev\` first" >&2; exit 1; }
    rm -rf "$(readlink -f .pykhbrain/postgres)" .pykhbrain

# Describe the queries in .sqlx again, after a change of SQL or of the schema
sqlx:
    scripts/sqlx-prepare

# Print the figures of the benchmark, with this machine's load
bench *ARGS:
    cargo bench --package pykhbrain --bench '*' -- {{ ARGS }}

# Print the lines of each room, long files, circles and arrows that run upward
house:
    scripts/house

# Everything that CI runs, on this checkout
ci:
    .ci/run
