# The command in an image that has nothing else: no shell, no package, no user but one without rights.
#
#   docker build -t safeconduct .
#   docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" safeconduct verify -trust did:key:z6Mk… shown.json
#
# The program is built as releases are (internal/release), so it has the bytes of the release of the same commit.
# That takes a whole clone, with its .git folder, in which nothing was changed. No secret is asked for.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
ARG TARGETOS=linux
ARG TARGETARCH=amd64
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go run ./internal/release binary -platform "$TARGETOS/$TARGETARCH" -out /out/safeconduct
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/NOTICE /licenses/
COPY --from=build /out/safeconduct /safeconduct
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
ENTRYPOINT ["/safeconduct"]
