# The short list. `make test` is all that CI calls.
GO ?= go
# As a release is built, so that everything is compiled once; the race detector alone needs C.
export CGO_ENABLED = 0
export GOFLAGS += -trimpath

.PHONY: test lint unit browser tools cross soak fuzz windows audit race servers release build bench compare compare-pictures docs clean

test: tools lint cross unit browser

# What the tests need beside Go and Node: a C compiler for the race detector, Chromium, Java for the W3C's
# checker, a Chinese font. Installed through apt where they are missing and that is possible.
tools:
	sh generator/browsertest/tools.sh
	npm ci --no-fund --no-audit --loglevel=error

lint:
	@test -z "$$(gofmt -l . | grep -v node_modules)" || { echo "gofmt would change:"; gofmt -l . | grep -v node_modules; exit 1; }
	GOGC=400 $(GO) vet ./...
	GOGC=400 $(GO) tool staticcheck ./...

# It compiles for each system; optimising takes the longest, and is the release's business.
cross:
	for system in windows/amd64 darwin/arm64; do \
	  GOGC=400 GOOS=$${system%/*} GOARCH=$${system#*/} $(GO) build -gcflags='all=-N -l' -o /dev/null ./generator || exit 1; done
	GOOS=linux $(GO) build -o /dev/null ./generator

# The race detector costs up to ten times the time of a test, and finds nothing in what is done in turn: packages that do several things at
# once are listed here (a test compares), and of their tests those that ask one site many things one after the other, or run the program. `make race`
# asks it about everything.
AT_ONCE = build content plan preview publish publish/internal/life publish/internal/wire publish/secret publish/sftp render search
IN_TURN = ^Test(AwkwardValues|Faults|Growth|Questions|SearchSampleExactly|WritingsAreFound|Machines|RenamedSchemas|Pipeline|Namesakes|EverySubstringIsFoundExactly|EncodingVersion|PagingReachesEveryHitOnce|Killed|Large)$$
# What vet says, lint has said.
unit:
	CGO_ENABLED=1 $(GO) test -p 3 -vet=off -race -skip '$(IN_TURN)' -timeout 30m $(AT_ONCE:%=./generator/%)
	$(GO) test -vet=off -run '$(IN_TURN)' -timeout 30m $(AT_ONCE:%=./generator/%)
	$(GO) test -p 3 -vet=off -timeout 30m $(filter-out $(AT_ONCE:%=gongzhi/generator/%),$(shell $(GO) list ./...))

race:
	CGO_ENABLED=1 $(GO) test -race -timeout 60m ./...

# Publishing to the servers that people have: OpenSSH, vsftpd, Pure-FTPd, Apache, nginx, VersityGW, MinIO. Needs root, and
# the network once. Pure-FTPd would take vsftpd's place, so its package is only unpacked.
servers:
	apt-get install -y -qq openssh-server vsftpd apache2 nginx-light
	test -x .tools/pure/usr/sbin/pure-ftpd || { mkdir -p .tools/pure && cd .tools/pure && apt-get download pure-ftpd pure-ftpd-common && for d in *.deb; do dpkg -x $$d .; done; }
	test -x .tools/versitygw || GOBIN=$(CURDIR)/.tools GOFLAGS=-mod=mod $(GO) install -p 1 github.com/versity/versitygw/cmd/versitygw@v1.8.0
	test -x .tools/minio || GOBIN=$(CURDIR)/.tools GOFLAGS=-mod=mod $(GO) install -p 1 github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
	PUREFTPD=$(CURDIR)/.tools/pure VERSITYGW=$(CURDIR)/.tools/versitygw MINIO=$(CURDIR)/.tools/minio $(GO) test -count=1 -timeout 30m -tags servers ./generator/publish/internal/real

# What the program does on Windows, as far as Wine is one: needs root (apt) once, and two minutes.
windows:
	test -n "$$(command -v wine)" && test -n "$$(command -v x86_64-w64-mingw32-gcc)" || apt-get install -y -qq --no-install-recommends wine wine64 gcc-mingw-w64-x86-64-win32
	$(GO) test -count=1 -timeout 20m -tags wine -run TestWindows ./generator

# Known vulnerabilities in what the program calls. Where the database can't be reached, that is said, and nothing was found out.
audit:
	@{ test -x .tools/govulncheck || GOBIN=$(CURDIR)/.tools GOFLAGS=-mod=mod $(GO) install golang.org/x/vuln/cmd/govulncheck@v1.1.4; } && .tools/govulncheck -test ./... || { \
	  status=$$?; \
	  if [ $$status -eq 3 ]; then echo "audit: there are known vulnerabilities, see above"; else \
	    echo "audit: NOTHING was checked: govulncheck or its database (https://vuln.go.dev) can't be reached, or failed (status $$status)"; fi; \
	  exit $$status; }

# What takes too long for every day: properties tried far more often, fuzzing. Seeds are printed; GONGZHI_SEED repeats. SOAK is how long
# each fuzz target runs, SHARE how many per cent of the tries are made: make soak SOAK=5s SHARE=1 goes once through all of it.
SOAK ?= 10m
SHARE ?= 100
runs = GONGZHI_RUNS=$$(( $(1) * $(SHARE) / 100 + 1 ))
soak: race fuzz
	$(call runs,10000) $(GO) test -timeout 2h -count 1 -v -run TestRandomEdits ./generator/content
	$(call runs,1000) $(GO) test -timeout 2h -count 1 -run TestKilled ./generator/publish
	command -v firefox-esr >/dev/null || command -v firefox >/dev/null || apt-get install -y -qq --no-install-recommends firefox-esr
	FIREFOX=1 $(call runs,300) node --test --test-concurrency=1 generator/browsertest/pages.test.mjs generator/browsertest/offline.test.mjs
	node --test --test-concurrency=1 generator/browsertest/payload.test.mjs
	CGO_ENABLED=1 $(call runs,5000) $(GO) test -timeout 2h -count 1 -race -v -run TestNeverStale ./generator/preview
	$(call runs,10000) $(GO) test -timeout 2h -count 1 -v -run TestSearchSampleExactly ./generator/render
	$(call runs,20000) $(GO) test -timeout 2h -count 1 -v -run 'TestPrinted|TestConservationMutated' ./generator/markdown ./generator/docx
	$(call runs,5000) $(GO) test -timeout 2h -count 1 -v -run 'TestPipeline|TestAwkwardValues|TestWritingsAreFound' ./generator/render
	$(call runs,10000) $(GO) test -timeout 2h -count 1 -v -run TestRandomTemplates ./generator/theme
	$(call runs,1000) GONGZHI_SEED= node --test generator/search/client/damaged.test.mjs

# Every fuzz target that there is, one after the other. A worker that is still at an input when the time is over ends with "context deadline
# exceeded", on a slow machine: that is no finding, and is said.
fuzz:
	mkdir -p .tools
	grep -rno 'func Fuzz[A-Za-z]*' --include=*_test.go generator | sed 's|/[^/]*_test.go:[0-9]*:func | |' | sort -u | while read package target; do \
	  { $(GO) test -vet=off -run '^$$' -fuzz "^$$target\$$" -fuzzminimizetime 20x -fuzztime $(SOAK) ./$$package || echo "fuzz: $$target failed"; } 2>&1 | tee .tools/fuzz.out; \
	  grep -q "^fuzz: $$target failed" .tools/fuzz.out || continue; \
	  if grep -q 'context deadline exceeded' .tools/fuzz.out && ! grep -q 'Failing input\|panic: ' .tools/fuzz.out; then echo "fuzz: $$target: the time was over, nothing was found"; else exit 1; fi; done

browser:
	node generator/browsertest/run.mjs

# What each stage costs, on an archive made up for it; BENCH_RECORDS says how large (1000).
bench:
	$(GO) test -run '^$$' -bench . -benchtime 5x ./generator/bench ./generator/build ./generator/markdown

# The same beside Hugo and Pagefind, which are installed into DIR; prints the table of docs/performance.md.
compare:
	$(GO) run ./generator/bench compare $(or $(DIR),../gongzhi-bench) $(RECORDS)

# What photographs cost, beside Hugo, and a scan of 300 MB; PHOTOS says how many (40).
compare-pictures:
	$(GO) run ./generator/bench photos $(or $(DIR),../gongzhi-bench) $(PHOTOS)

build:
	$(GO) build -o gongzhi ./generator

# Archives for people without Go, in dist/: make release VERSION=v1.0.0. RELEASE_KEY names an SSH key that signs the sums.
release:
	$(GO) run ./generator/release -version $(VERSION) -output dist

docs:
	$(GO) run ./generator schema > docs/schema.md

clean:
	rm -rf gongzhi node_modules
	find public -mindepth 1 ! -name .gitkeep -delete
