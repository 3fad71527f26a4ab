# What one does with this repository. Every target installs what it needs and is missing; Go itself must be there.
# ARGS go to gonogo: make check ARGS='--target stage.yaml'. TESTFLAGS go to go test.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Go leaves testdata out of ./..., and there are a server that is known to no Go code of the harness, the fifth dialect, and what is proved with
# the programs of others, what holds the documents to their word, and a scale for memory.
packages := ./... ./testdata/fifth/ ./testdata/pipeline/ ./testdata/docs/ ./testdata/weigh/

# What is proved by time, and so no part of make test.
timed := ./testdata/compared/ ./testdata/release/

# The front doors: the command, the suite for Ginkgo, and the reference server. Their tests run the whole tool hundreds of
# times, often in processes of its own, and often wait: for a clock, a process, a pace. So more of them are under way than
# there are processors. What stands behind them has the race detector for every test; here it is for those in which
# much happens at once, because it makes a run ten times as slow.
doors := ./internal/app ./suites ./reference
at_once := ^Test(TwoRunsAtOnceDoNot|TwoRunsThat|Prove$$|.*Cancelled|LoadOfEvery|PrometheusScrapes|CapacityEnds|ShortLife|CtrlCEndsTheEngine|.*Race$$|ManyQuirks|SweepFrees)

# Its tests wait for clients, for minutes and nearly all the time: begun first, they wait beside all others.
waiting := ./suites/watch

# Modules of their own, so that what they depend on is no dependency of gonogo: the measurements, the peers, and the site of the documents.
modules := load/bench testdata/peers testdata/kubernetes docs/site

# The files that are OpenAPI documents; specs/common and the extension's JSON Schema are not.
documents := specs/*.yaml testdata/fifth/pantry.yaml

redocly := @redocly/cli@2.77.0
provider := oidc-provider@9.13.3
relying := openid-client@6.9.0
schemas := ctrf@0.3.0 @microsoft/jest-sarif@1.0.0-beta.0 @action-validator/core@0.6.0 @action-validator/cli@0.6.0 gitlab-ci-local@4.55.0 axe-core@4.14.1

export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
export npm_config_update_notifier := false
export npm_config_fund := false
export npm_config_audit := false

.PHONY: help check serve test lint proofs prove-clients prove-compare prove-model prove-release prove-docs thirdparty hosts clients bench bench-load docs screenshots release container publish-as gofmt vet staticcheck spec-lint redocly programs published go

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

check: go ## check the built-in reference server, or what ARGS name
	@go run ./cmd/gonogo check $(ARGS)

serve: ARGS ?= --listen 127.0.0.1:8080 --control 127.0.0.1:8081 --targets .cache/targets
serve: go ## run the reference server on port 8080, with target files for it in .cache/targets
	@go run ./cmd/gonogo serve $(ARGS)

# A machine that is slow or busy takes its time; go test's own limit of ten minutes would kill a package for that.
# go vet is a target of its own. What took longest stands at the end, so that nobody has to look for it. With the race
# detector every process sleeps for a second before it ends, so that goroutines can still be caught, and the tests start
# many: a tenth of it is enough.
# Load is measured in real time, beside all other tests: what fails, if it is little and no data race, is run again by
# itself, and named at the end.
test: export GORACE := atexit_sleep_ms=100 $(GORACE)
test: go programs published ## every test, and the race detector where there is a C compiler
	@race=-race; \
	if ! go build -race runtime/cgo 2>/dev/null; then \
		race=; echo "test: no race detector, because it needs a C compiler (apt-get install gcc libc6-dev) and cgo"; \
	fi; \
	sum=$$(go tool -n gotestsum); times=$$(mktemp -d); trap 'rm -rf "$$times"' EXIT; mkdir "$$times/again"; code=0; \
	run() { local packages=$$1; shift; $$sum --format standard-quiet --hide-summary skipped,output --jsonfile-timing-events "$$(mktemp -p "$$times")" \
		--rerun-fails=2 --rerun-fails-max-failures=8 --rerun-fails-abort-on-data-race --rerun-fails-report "$$(mktemp -p "$$times/again")" \
		--packages "$$packages" -- -vet=off -timeout 60m "$$@" $(TESTFLAGS) || code=$$?; }; \
	run "$(waiting) $$(go list $(packages) | grep -vxF "$$(go list $(doors) $(waiting))")" $$race; run '$(doors)' -parallel 4; \
	[ -z "$$race" ] || run '$(doors)' $$race -parallel 4 -run '$(at_once)'; \
	for module in $(modules); do pushd $$module >/dev/null; run ./... $$race; popd >/dev/null; done; \
	printf '\nslowest tests:\n'; cat "$$times"/tmp.* | $$sum tool slowest --num 15; \
	if [ -n "$$(cat "$$times"/again/*)" ]; then printf '\nrun again, because they failed:\n'; cat "$$times"/again/*; fi; \
	exit $$code

# What tests run beside Go: Chromium shows pages, ip makes networks, faketime moves the clocks of clients, the others are clients and peers. Tests that lack one fail in CI and are
# left out elsewhere.
programs:
	@.ci/need test "$${CHROME_BIN:-chromium}|chromium-browser|google-chrome|google-chrome-stable=chromium" curl=curl python3=python3 node=nodejs faketime=faketime \
		bash=bash ip=iproute2 file:/usr/share/bash-completion/bash_completion=bash-completion || [ "$${CI:-}" != true ]

# What others have published of their formats, and their own programs for it, as npm has them, in .cache/published. Tests that lack it fail in CI
# and are left out elsewhere.
published:
	@[ "$$(cat .cache/published/are 2>/dev/null)" = '$(schemas)' ] || { \
		{ .ci/need published npm=npm shellcheck=shellcheck && mkdir -p .cache/published && \
		npm install --silent --no-save --ignore-scripts --prefix .cache/published $(schemas) && printf '%s\n' '$(schemas)' >.cache/published/are; } \
		|| [ "$${CI:-}" != true ]; }

lint: gofmt vet staticcheck spec-lint redocly ## formatting, static checks, and the dialect documents

gofmt: go ## what gofmt would change
	@changes=$$(gofmt -l .); \
	if [ -n "$$changes" ]; then printf 'gofmt: not formatted, run gofmt -w on\n%s\n' "$$changes"; exit 1; fi

vet: go ## go vet
	@go vet $(packages) $(timed)
	@for module in $(modules); do go vet -C $$module ./...; done

staticcheck: go ## staticcheck
	@go tool staticcheck $(packages) $(timed)
	@staticcheck=$$(go tool -n staticcheck); for module in $(modules); do (cd $$module && $$staticcheck ./...); done

spec-lint: go ## the dialect documents, as gonogo reads them
	@go run ./cmd/gonogo spec lint

# Redocly needs Node 20.19 or later. Where the system's is older or missing, npm brings one along for the run.
redocly: ## the dialect documents, as another tool reads them
	@.ci/need redocly npm=npm
	@node=; \
	if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || a == 20 && b >= 19 ? 0 : 1)' 2>/dev/null; then \
		node='-p node@22.21.1'; echo "redocly: Node.js is older than 20.19, so npm fetches one for this run"; \
	fi; \
	npx --yes $$node -p $(redocly) redocly lint $(documents)

proofs: prove-clients prove-compare prove-model prove-release prove-docs thirdparty ## what takes too long for every push

prove-clients: go ## watch every good client and every broken one of reference/clients, and one as fast as it can be; ARGS as of gonogo prove
	@go run ./cmd/gonogo prove --clients $(ARGS)
	@go test -count=1 -v -timeout 20m $(TESTFLAGS) ./testdata/clients/fast/

# Ten minutes on a machine that does little else; what it found stands in docs/performance.md.
prove-compare: go ## compare the reference server with itself, and with ones that are slower by what is known: testdata/compared
	@go test -count=1 -v -timeout 60m $(TESTFLAGS) ./testdata/compared/

# Each of two clones compiles everything anew for six platforms: half an hour on two cores. PLATFORMS='linux/amd64 …' is for fewer.
prove-release: export PLATFORMS := $(PLATFORMS)
prove-release: go ## build this commit's release twice, run it, and publish and import a copy: testdata/release
	@.ci/need prove-release zip=zip qemu-aarch64=qemu-user wine='wine wine64' x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64-win32 buildah=buildah || true # the tests say what they lack
	@go test -count=1 -v -timeout 180m $(TESTFLAGS) ./testdata/release/

# A quarter of an hour: watches, loads, and the suites.
prove-docs: go ## type every command of README.md and docs, and hold what is printed against what they show: testdata/docs
	@go test -count=1 -v -timeout 120m $(TESTFLAGS) ./testdata/docs/ -args -commands

docs: go ## README.md and docs as plain HTML with a search, for readers without a network, in dist/docs
	@cd docs/site && go run . $(CURDIR) $(CURDIR)/dist/docs
	@echo dist/docs/index.html

screenshots: go programs ## pictures of report pages, wide, narrow, dark and for paper, in dist/screenshots
	@mkdir -p dist/screenshots
	@go test -count=1 $(TESTFLAGS) -run TestHTMLInChromium ./reports/html -args -pictures $(CURDIR)/dist/screenshots
	@echo dist/screenshots

release: go ## archives of this commit for six platforms, SBOMs and checksums, in dist; PLATFORMS='linux/amd64 …' is for fewer
	@.ci/need release zip=zip
	@.ci/release $(PLATFORMS)

container: go ## an image from scratch of this work tree, made by buildah, and a check in it: deploy/Containerfile
	@.ci/need container buildah=buildah
	@.ci/container

publish-as: go ## give the module the path MODULE=example.com/owner/gonogo, everywhere
	@.ci/publish-as "$${MODULE:-}"

thirdparty: hosts ## check servers that nobody here wrote: testdata/thirdparty
	@go test -C testdata/thirdparty -count=1 $(TESTFLAGS) .

# Half an hour. Peers are servers that were written from the documents alone.
prove-model: RUNS ?= 20
prove-model: hosts ## put peers and servers that nobody here wrote under load, RUNS=20 times each, and hold their histories to the model
	@go test -count=1 -v -timeout 120m -run UnderTheModel $(TESTFLAGS) ./internal/app -args -rounds $(RUNS)
	@go test -C testdata/thirdparty -count=1 -v -timeout 120m -run UnderTheModel $(TESTFLAGS) . -args -rounds $(RUNS)

# Servers that nobody here wrote, installed by their ordinary clients into .cache/thirdparty, and unpatched.
hosts: go
	@.ci/need thirdparty npm=npm python:authlib=python3-authlib python:flask=python3-flask python:sqlalchemy=python3-sqlalchemy
	@mkdir -p .cache/thirdparty
	@npm install --silent --prefix .cache/thirdparty $(provider)
	@cp testdata/thirdparty/oidc-provider/server.mjs .cache/thirdparty/
	@go build -C testdata/thirdparty -o $(CURDIR)/.cache/thirdparty/ ./zitadel ./go-oauth2
	@go build -o .cache/thirdparty/gonogo ./cmd/gonogo

# Clients in other hands, with the libraries that people use: testdata/clients. What is installed stays in .cache/clients.
clients: go ## try clients of the documented APIs in Go, Node, Python and shell: testdata/clients
	@.ci/need clients curl=curl npm=npm python:authlib=python3-authlib python:requests=python3-requests
	@mkdir -p .cache/clients
	@npm install --silent --prefix .cache/clients $(relying)
	@cp testdata/clients/node/oauth2.mjs .cache/clients/
	@go test -count=1 $(TESTFLAGS) ./reference/clients

bench: go ## every benchmark
	@packages=$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r -n1 dirname | sort -u); \
	if [ -z "$$packages" ]; then echo "bench: there are no benchmarks"; exit 0; fi; \
	go test -run '^$$' -bench . -benchmem $(TESTFLAGS) $$packages

bench-load: go ## load generators side by side; or with ARGS --reference, --honesty, --frozen, --pacing, --memory, --commands: docs/performance.md
	@go build -C load/bench -o $(CURDIR)/.cache/bench/ . && .cache/bench/bench $(ARGS)

go:
	@command -v go >/dev/null || { echo "Go is missing; install the version that go.mod names from https://go.dev/dl/" >&2; exit 1; }
