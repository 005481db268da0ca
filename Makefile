# The build tag switches SQLite's full-text search on, everywhere alike.
TAGS := sqlite_fts5
GO := go
TOOL := $(GO) tool -modfile=tools/go.mod
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LITESTREAM := v0.5.18
PARLOR_DB ?= parlor.db

export CGO_ENABLED = 1
# Stable plans: without it SQLite prepares most of our statements anew at every execution.
export CGO_CFLAGS = -g -O2 -DSQLITE_ENABLE_QPSG
export PARLOR_DB
# Litestream knows no defaults of its own in its file; a folder must be absolute.
LITESTREAM_REPLICA_URL ?= file://$(CURDIR)/replica
export LITESTREAM_REPLICA_URL

.PHONY: build run generate test check bench soak browser litestream replicate restore
.DEFAULT_GOAL := build

build: ## write bin/parlor
	$(GO) build -tags $(TAGS) -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/parlor .

run: build ## serve on 127.0.0.1:8080
	bin/parlor serve

generate: ## make the Go code of the views
	$(TOOL) templ generate

test: browser litestream build ## every test
	$(GO) test -tags $(TAGS) -timeout 14m ./...

check: ## what has to pass before a change lands
	tools/check

bench: build ## measure against the limit program; takes a while
	$(GO) run -tags $(TAGS) ./bench

soak: browser litestream build ## the fault tests at full length
	PARLOR_SOAK=1 $(GO) test -tags $(TAGS) -count=1 -timeout 3h -v ./e2e/faults/

# What the browser tests need; apt asks for root.
browser:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; }
	@command -v strace >/dev/null || { apt-get update -qq && apt-get install -y -qq strace; }

litestream: bin/litestream
bin/litestream:
	GOBIN=$(CURDIR)/bin $(GO) install github.com/benbjohnson/litestream/cmd/litestream@$(LITESTREAM)

replicate: bin/litestream ## copy every change of PARLOR_DB to the replica
	bin/litestream replicate -config litestream.yml

restore: bin/litestream build ## bring PARLOR_DB back from the replica; never overwrites
	@test ! -e "$(PARLOR_DB)" || { echo "$(PARLOR_DB) exists; move it away first"; exit 1; }
	bin/litestream restore -config litestream.yml -integrity-check full "$(PARLOR_DB)"
	bin/parlor check --db "$(PARLOR_DB)"
