# make run         build it, and run it on loopback
# make test        everything that CI checks
# make test-article  tries the articles "Write a daemon" and "Test a daemon", command by command
# make docs        the libraries' documentation, as a site in .build/docs
# make test-examples  the daemons below Examples/: their tests, what they link and take, and their restarts under load
# make test-versions  all scenarios on the systemd of three Debians (252, 257, and the newest), and a table of them
# make test-fleet  two machines behind HAProxy, in network namespaces: upgrades, leaving, a power failure; and nginx
# make check-cleanup  kills the integration tests at every stage, and looks for what they leave behind
# make sanitize    unit tests and the daemon with ThreadSanitizer, and the daemon with AddressSanitizer, in the harness
# make api-breakage  what the libraries declare public is as it was at the last tag, or at BASELINE
# make bench       measures hello beside other servers; BENCH="--only keepalive --peers hyper,go --rounds 3" chooses
# make fuzz        looks for requests that break what the server promises, for FUZZ_SECONDS
# make deb         a Debian package in .build/deb, which lintian has looked at; DEB_VERSION is another version
# make reproducible  builds it twice, in two directories, and compares: two release builds
# make test-deb    installs, upgrades and removes it on a systemd of the tests' own, under load
# make install     honours DESTDIR, PREFIX, SYSCONFDIR, and HELLOD (a program that is built already)
# make uninstall   undoes it, with the same variables

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
HELLOD ?=

# An installed program must not need the toolchain's libraries.
release := swift build -c release --static-swift-stdlib --product hellod
sources := $(wildcard Package.swift Sources Tests IntegrationTests Benchmarks Fuzzing Examples)

# A build of its own: HTTPServer with libFuzzer's instrumentation, and nothing that it does not need.
FUZZ_SECONDS ?= 1200
fuzzing := .build/fuzzing
fuzzer = SWIFT_BACKTRACE=enable=no $(fuzzing)/release/request-fuzzer -dict=Fuzzing/http.dict -max_len=4096 \
    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=$(fuzzing)/

# The libraries that are documented: those for which .spi.yml has the Swift Package Index make it. A build of its own.
documented = $(shell sed -n 's/^ *- \([A-Z][A-Za-z]*\)$$/\1/p' .spi.yml)

# A build of its own, in which no path of this machine is left, and which depends on nothing beside the installed program. The
# compiler would leave two traces of where it was: hashes of what it has compiled, and where it keeps modules of C headers.
DEB_VERSION ?=
packaged := .build/package/release/hellod
build-packaged = swift build -c release --static-swift-stdlib --disable-local-rpath --product hellod \
    --scratch-path .build/package -Xcc -ffile-prefix-map=$(CURDIR)=. \
    -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=. \
    -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen \
    -Xswiftc -Xfrontend -Xswiftc -no-clang-module-breadcrumbs

.PHONY: run test test-article test-examples test-versions test-fleet docs lint check-cleanup sanitize api-breakage bench fuzz \
    fuzz-briefly fuzzer deb test-deb reproducible install install-check uninstall

run: deps-build
	$(release)
	@echo 'Try it, from another terminal: curl http://127.0.0.1:8080/     Ctrl-C ends it.'
	@exec "$$($(release) --show-bin-path)/hellod" serve --listen 127.0.0.1:8080

# So many tests at once: with all 700, one that has to meet a deadline waits ten seconds for its turn.
test: deps-test lint
	swift build --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=32 swift test
	$(MAKE) test-article
	$(MAKE) fuzz-briefly
	Tests/api/run
	swift run integration-tests
	swift run integration-tests --every-version --where-possible --systemd trixie --systemd sid
	$(MAKE) test-fleet
	$(MAKE) test-examples
	$(release:hellod=allocation-probe)
	"$$($(release) --show-bin-path)/allocation-probe"

test-article: deps-article
	Tests/documents/check-article

# What a catalogue names and is not there fails it.
docs: deps-build
	rm -rf .build/docs && mkdir -p .build/docs
	HELLO_DOCS=1 swift package --scratch-path .build/docc --allow-writing-to-directory .build/docs generate-documentation \
	    $(documented:%=--target %) --enable-experimental-combined-documentation --warnings-as-errors \
	    --transform-for-static-hosting --output-path .build/docs
# In a scratch directory that both share, with one build of the library each for tests and release.
test-examples: deps-test
	swift build --product integration-tests
	Tests/examples/run "$$(swift build --show-bin-path)"

lint: deps-lint
	swift format lint --strict --parallel --recursive $(sources)
	Tests/deploy/check-units
	Tests/deploy/check-proxies
	Tests/deploy/check-alerts
	Tests/deploy/check-dashboard
	Tests/deploy/check-install
	Tests/package/check-version
	Tests/documents/check

# The trees are made with mmdebstrap once, which needs the network. VERSIONS chooses some.
VERSIONS ?= bookworm trixie sid
test-versions: deps-versions
	swift run integration-tests $(VERSIONS:%=--systemd %)

test-fleet: deps-fleet
	swift run integration-tests --fleet

# Needs a machine on which nothing else comes and goes, so it is no part of `test`.
check-cleanup: deps-machine
	swift build --build-tests
	IntegrationTests/leaves-nothing-behind.sh "$$(swift build --show-bin-path)/integration-tests" \
	    "$$(swift build --show-bin-path)/helloPackageTests.xctest" \
	    --without-product --bin-path "$$(swift build --show-bin-path)"

# A build of its own for each, so it is no part of `test`.
sanitize: deps-test
	swift build --product integration-tests
	Tests/sanitize/run "$$(swift build --show-bin-path)/integration-tests"

# Builds the libraries of both, which takes as long as it does; what it says of the one that is compared with is kept.
BASELINE ?= $(shell git describe --tags --abbrev=0 2>/dev/null)
api-breakage: deps-build
	@[ -n "$(BASELINE)" ] || { echo 'There is no tag. BASELINE=COMMIT names what to compare with.' >&2; exit 64; }
	swift package diagnose-api-breaking-changes --baseline-dir .build/api-baseline $(BASELINE)

# A goal that is not met fails nothing: the report says which they are.
bench: deps-machine
	Benchmarks/install-prerequisites
	$(subst hellod,benchmarks,$(release))
	@exec "$$($(release) --show-bin-path)/benchmarks" $(BENCH)

fuzz: fuzzer
	mkdir -p $(fuzzing)/corpus
	$(fuzzer) -max_total_time=$(FUZZ_SECONDS) $(fuzzing)/corpus Fuzzing/Corpus

# Always the same inputs; what a longer run has found is not among them.
fuzz-briefly: fuzzer
	rm -rf $(fuzzing)/brief && mkdir -p $(fuzzing)/brief
	$(fuzzer) -seed=1 -runs=20000 $(fuzzing)/brief Fuzzing/Corpus >$(fuzzing)/brief.log 2>&1 || { tail -n 50 $(fuzzing)/brief.log; exit 1; }
	@grep -E 'cov:.*DONE|^Done' $(fuzzing)/brief.log

fuzzer: deps-build
	HELLO_FUZZING=1 swift build -c release --scratch-path $(fuzzing) --product request-fuzzer

# Each package that is there before is of another commit: it stays until there is a better one.
deb: deps-deb
	@DEB_VERSION=$(DEB_VERSION) scripts/package --check
	$(build-packaged)
	rm -rf .build/deb.new
	HELLOD=$(packaged) DEB_OUTPUT=.build/deb.new DEB_VERSION=$(DEB_VERSION) scripts/package
	Tests/package/check .build/deb.new
	rm -rf .build/deb
	mv .build/deb.new .build/deb

# What is committed, and nothing else.
reproducible: deps-deb
	Tests/package/reproducible

test-packages = "$$($(release) --show-bin-path)/integration-tests" --bin-path "$$($(release) --show-bin-path)" \
    --packages .build/deb/variants
# With the standard library in it, and so in release configuration, as everything that has: the other Debians have no toolchain.
test-deb: deb deps-versions
	Tests/package/variants .build/deb .build/deb/variants
	$(release:hellod=integration-tests)
	$(test-packages)
	$(test-packages) --where-possible --systemd trixie --systemd sid

# As variables of the environment, where nothing in them can be taken for something else.
export DESTDIR PREFIX SYSCONFDIR

# Before anything is built or installed.
install-check:
	@scripts/install --check

install: install-check $(if $(HELLOD),,deps-build)
	$(if $(HELLOD),,$(release))
	@HELLOD="$(or $(HELLOD),$$($(release) --show-bin-path)/hellod)" scripts/install

uninstall:
	@scripts/uninstall

# Each target installs the packages that it needs itself.
deps-%:
	@scripts/install-prerequisites $*
