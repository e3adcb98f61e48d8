# Signet. `make` alone lists what there is.

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench docs clean

sources := $(wildcard Sources Tests Examples Benchmarks Package.swift)

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing, and check that Swift is there
	@Scripts/setup

run: setup ## build Signet, and watch the whole story: a server, an API that it protects, and a client
	@[ -x .build/debug/signet ] || echo "Building Signet. The first time takes 5 to 15 minutes; after that it is a matter of seconds."
	swift build --product signet
	swift build --product NotesAPI
	@exec .build/debug/signet demo

test: setup ## run every test
	@Scripts/python-environment
	swift build --build-tests
	swift test --skip-build

check: ## what our machine runs for each change: the style check and every test
	@.ci/run

format: ## put the code into our style
	swift format --in-place --recursive $(sources)

bench: setup ## measure: an optimised build, and the figures on this machine
	swift run --configuration release SignetBenchmarks

docs: setup ## build the reference of the public libraries
	@Scripts/documentation

clean: ## remove everything that was built
	rm -rf .build
