# The build tag switches SQLite's full-text search on, everywhere alike.
TAGS := sqlite_fts5
export CGO_ENABLED = 1
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: build run generate
build:
	go build -tags $(TAGS) -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/parlor .

run: build
	bin/parlor serve

generate:
	go tool -modfile=tools/go.mod templ generate
