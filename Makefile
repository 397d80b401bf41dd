# make run         build it, and run it on loopback
# make test        everything that CI checks
# make install     honours DESTDIR, PREFIX, SYSCONFDIR, and HELLOD (a program that is built already)
# make uninstall   undoes it, with the same variables

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
HELLOD ?=

# An installed program must not need the toolchain's libraries.
release := swift build -c release --static-swift-stdlib --product hellod
sources := $(wildcard Package.swift Sources Tests IntegrationTests Benchmarks)

.PHONY: run test lint install uninstall deps

run: deps
	$(release)
	@echo 'Try it, from another terminal: curl http://127.0.0.1:8080/     Ctrl-C ends it.'
	@exec "$$($(release) --show-bin-path)/hellod" serve --listen 127.0.0.1:8080

test: deps lint
	swift build --build-tests
	swift test
	swift run integration-tests

lint: deps
	swift format lint --strict --parallel --recursive $(sources)
	Tests/deploy/check-units
	Tests/deploy/check-install

install: $(if $(HELLOD),,deps)
	$(if $(HELLOD),,$(release))
	@HELLOD="$(or $(HELLOD),$$($(release) --show-bin-path)/hellod)" \
	    DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" SYSCONFDIR="$(SYSCONFDIR)" scripts/install

uninstall:
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" SYSCONFDIR="$(SYSCONFDIR)" scripts/uninstall

deps:
	@scripts/install-prerequisites
