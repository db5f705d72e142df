# Two commands for a newcomer: `make demo` and `make test`. Needs Debian 12 or later, and root or sudo.
SHELL := /bin/bash
.DEFAULT_GOAL := help

ROOT := $(CURDIR)
BIN := $(ROOT)/.venv/bin
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
PLAYBOOK := $(AS_ROOT) $(BIN)/ansible-playbook
MOLECULE_TEST := $(AS_ROOT) env MOLECULE_GLOB='molecule/*/molecule.yml' PATH="$(BIN):$$PATH" \
	PLATFORM=$(or $(PLATFORM),bookworm) molecule test --scenario-name

.PHONY: help demo demo-tour first-hour test test-all lint unit package sanity matrix readmes plans plans-keep integration molecule nova-only \
        add-compute cells ha ha-failures tls molecule-vm releases releases-pace stranger prediction moves bench scale chaos page docs clean

help: ## Show the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# PLATFORM is the hosts' release of Debian; RELEASE one of OpenStack from PyPI, and Yoga wants the Python of Debian 11.
DEMO_SUITE = $(or $(PLATFORM),$(if $(filter yoga,$(RELEASE)),bullseye))
DEMO_PLAYBOOK = $(PLAYBOOK) $(if $(RELEASE),--extra-vars 'cloud_source=virtualenv cloud_release=$(RELEASE)')

demo: .venv/ready ## Two local hosts become a cloud that boots an instance (PLATFORM=trixie: Debian 13; RELEASE=2024.1: from PyPI)
	$(AS_ROOT) tools/hosts up local controller1 compute1 $(if $(DEMO_SUITE),--suite $(DEMO_SUITE))
	$(DEMO_PLAYBOOK) stackwright.nova.site
	$(DEMO_PLAYBOOK) stackwright.nova.verify
	@echo 'The proof as a page: .cache/proof.html'
	@echo 'The cloud is there. Try:'
	@printf '  $(strip $(AS_ROOT) tools/hosts) ssh local controller1 openstack --os-cloud admin %s\n' \
	  'compute service list' 'catalog list' 'network agent list'

demo-tour: .venv/ready ## After the demo: an instance that this machine reaches by HTTP and in the browser
	$(AS_ROOT) $(BIN)/ansible localhost --module-name stackwright.nova.guest_image
	$(DEMO_PLAYBOOK) stackwright.nova.starter
	$(DEMO_PLAYBOOK) inventories/local/tour.yml

test: lint unit package integration molecule ## The tests of every change

test-all: test docs page sanity matrix nova-only add-compute cells ha ha-failures tls molecule-vm first-hour stranger prediction moves scale releases chaos ## All tests, whatever they take

lint: .venv/ready ## Style of code, data and documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint --strict .
	grep -rlE '^#!/(usr/)?bin/(env )?(ba)?sh$$' --exclude='*.py' --exclude-dir={.git,.venv,.cache} . | xargs $(BIN)/shellcheck --external-sources
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/ansible-lint --offline
	$(BIN)/mypy
	$(BIN)/mypy --strict plugins/module_utils/_engine plugins/module_utils/_formats plugins/module_utils/_clients plugins/module_utils/_shared

unit: .venv/ready ## Pure logic, without network or root
	$(BIN)/pytest --numprocesses auto tests/unit tests/seeds

package: ## The tarball in an environment of its own: playbooks, documentation, and a play that changes nothing
	tests/collection/package

sanity: ## ansible-test, antsibull, galaxy-importer and ansible-builder, without a finding (10 minutes, not part of test)
	tests/collection/sanity

matrix: .venv/ready ## The tarball with each ansible-core, and its modules with each Python, into docs/tested.md
	tests/collection/matrix

readmes: .venv/ready ## The tables of variables (READMEs of the roles, docs/variables.md), from their argument specifications
	$(BIN)/python tools/role_tables.py

plans: .venv/ready ## What the playbooks would do to five kinds of clouds, beside what is kept of it; without hosts
	tests/plans/run

plans-keep: .venv/ready ## Keep what the playbooks would do now, after a change that is meant to change it
	tests/plans/run --keep

integration: .venv/ready ## Each module against real servers on a host of its own
	$(AS_ROOT) tests/integration/run

molecule: .venv/ready ## The whole deployment, twice, with its proof and testinfra's checks
	$(MOLECULE_TEST) default

nova-only: .venv/ready ## Nova alone in a cloud that somebody else has made, by the example of docs/nova-alone.md
	$(MOLECULE_TEST) nova_only

add-compute: .venv/ready ## A running cloud gets two more compute hosts and loses one
	$(MOLECULE_TEST) add_compute

cells: .venv/ready ## A cloud with a second cell: its own database, queue and computes, an instance in each, its removal
	$(MOLECULE_TEST) cells

ha: .venv/ready ## Three controllers behind one address, their clusters, and a proof
	$(MOLECULE_TEST) ha

tls: .venv/ready ## A running cloud comes to TLS and gets new certificates, with what is heard on its network
	$(MOLECULE_TEST) tls

ha-failures: .venv/ready ## A client goes on while controllers, databases and queues fail, into docs/high-availability.md
	$(AS_ROOT) env PLATFORM=$(or $(PLATFORM),bookworm) measure/ha/run

molecule-vm: .venv/ready ## Two virtual machines become a cloud, by Vagrant, and are rebooted; works without KVM
	$(AS_ROOT) tests/vm/run

stranger: .venv/ready ## A cloud on hosts with aliases, sudo passwords and other surprises (10 minutes, not part of test)
	$(AS_ROOT) tests/stranger/run

prediction: .venv/ready ## Check mode beside what then comes true, from bare hosts on
	$(AS_ROOT) tests/prediction/run

moves: .venv/ready ## An instance moves between two compute hosts in every way, into docs/moving-instances.md
	$(AS_ROOT) measure/moves/run

first-hour: .venv/ready ## The commands of docs/first-hour.md in a fresh clone, up to an instance in the browser, with their times
	$(AS_ROOT) measure/first_hour/run

releases: .venv/ready ## Each release from bare hosts to its proof, into docs/tested.md (hours; measure/releases/run ROW for one)
	$(AS_ROOT) measure/releases/run

releases-pace: .venv/ready ## A release from PyPI beside the distribution's packages, into docs/releases.md (11 minutes, an idle machine)
	$(AS_ROOT) measure/releases/run --pace

bench: .venv/ready ## Side by side with the stock modules, into docs/benchmarks.md
	$(AS_ROOT) measure/bench/run

scale: .venv/ready ## A cloud gets 1, 5 and 20 compute hosts in one play, and what each takes, into docs/scale.md (13 GB of memory)
	$(AS_ROOT) measure/scale/run

chaos: .venv/ready ## Cuts, faults, two runs at once and a search for secrets, into docs/reliability.md (hours)
	$(AS_ROOT) measure/chaos/run

page: .venv/ready ## The page of a proof in Debian's Chromium: axe-core, phone, dark, print; pictures in .cache/page
	$(AS_ROOT) tests/page/run

docs: .cache/docs/venv/ready ## The documentation site, into dist/site, without a warning
	PYTHONPATH=tools:tests:.cache/docs/venv .cache/docs/venv/bin/python -m docsite

clean: ## The local hosts and everything the commands above made, gone
	$(AS_ROOT) tests/vm/run clean
	$(AS_ROOT) tools/hosts clean --caches
	rm -rf .venv .cache .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

.venv/ready: requirements.txt requirements-test.txt tools/venv
	tools/venv

.cache/docs/venv/ready: requirements-docs.txt tools/venv
	tools/venv .cache/docs/venv requirements-docs.txt
