# syntax=docker/dockerfile:1
# One image for all processes: the command's argument says which (web, worker, migrate, ...).

FROM rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
WORKDIR /src
COPY . .
# The caches outlive the layer, so that a changed line compiles our own crates and not everybody's.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin pykhbrain \
    && cp target/release/pykhbrain /usr/local/bin/

FROM debian:bookworm-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
# The root certificates: TLS is in the program, whom to trust is the system's to say.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 pykhbrain
COPY --from=build /usr/local/bin/pykhbrain /usr/local/bin/
USER pykhbrain
EXPOSE 8080
ENTRYPOINT ["pykhbrain"]
CMD ["web"]
