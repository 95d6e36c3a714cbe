# Everything that a newcomer types. Each target calls what it needs and can be run again.

PYTHON := .venv/bin/python

.PHONY: help setup engine images pause demo test test-hosts check unit bench install clean demo-nodes demo-compose demo-down

help:  ## what there is
	@sed -n 's/^\([a-z-]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup:  ## virtual environment with everything in it
	@scripts/setup

engine:  ## a Docker engine that answers
	@scripts/engine

images: setup engine  ## kubia, kubia-unhealthy and the images of the examples
	@scripts/images

pause:  ## the program of sandboxes, after a change of pause.c
	@scripts/pause

demo: images  ## the main job, shown live (KEEP=1 leaves it running)
	@$(PYTHON) -m scripts.demo

demo-nodes: images  ## a node dies and comes back: three engines in namespaces (root)
	@scripts/lab --install
	@$(PYTHON) -m scripts.demo_nodes lab

demo-compose: setup engine  ## the same with three engines in containers
	@scripts/images node supervisor kubia
	@$(PYTHON) -m scripts.demo_nodes compose

demo-down: setup  ## end what a demo with KEEP=1 has left running
	@$(PYTHON) -m scripts.demo down
	@$(PYTHON) -m scripts.demo_nodes lab down
	@$(PYTHON) -m scripts.demo_nodes compose down

check: setup  ## lint, types, import contracts
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

unit: setup  ## tests that need no engine
	@$(PYTHON) -m pytest tests/unit

test: check images  ## everything that must pass
	@$(PYTHON) -m pytest -n 3 --dist loadgroup

test-hosts: check images  ## of these, the tests that start several Docker hosts (root)
	@$(PYTHON) -m pytest -p no:xdist --only-hosts

bench: images  ## speed and memory, as ratios against rivals in the same run
	@$(PYTHON) -m benchmarks

install: engine  ## the systemd service, in /opt/supervisor
	@scripts/install

clean:  ## the virtual environment and all caches
	@rm -rf .venv .cache .work .mypy_cache .ruff_cache .pytest_cache
