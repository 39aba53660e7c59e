# syntax=docker/dockerfile:1
# One image for all processes: the command's argument says which (web, worker, migrate, ...).

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive the layer, so that a changed line compiles our own crates and not everybody's.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin pykhbrain \
    && cp target/release/pykhbrain /usr/local/bin/

FROM debian:bookworm-slim
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
