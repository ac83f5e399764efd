# Every target first sets up what it needs. `make` alone lists them.

SHELL := /bin/bash
CORES ?= $(shell nproc)
QUICK := "not (workflow or slurm or r or slow)"
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/scripts
export PYTHON

.PHONY: help demo new quick test coverage soak lint drawing bench calibrate lock environment programs peers clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 8

environment:
	@envs/provide.sh environment

programs: environment
	@envs/provide.sh programs $$(python -m imid.reads.list_aligners) samtools fastp

# The reference programs that tests hold results against, a Slurm to test on, and what sees which
# files a job opens.
peers: programs
	@envs/provide.sh peers featureCounts PicardCommandLine R:DESeq2 R:edgeR R:statmod \
		slurmctld slurmd sbatch munged strace

demo: programs demo/truth  ## make a synthetic experiment and run the workflow on it, in demo/
	snakemake --directory demo --cores $(CORES) $$(cat .venv/deployment)
	@python -m imid.report.show_targets demo/results

demo/truth: $(wildcard scripts/imid/synthetic/*.py) resources/synthetic.yaml resources/targets.tsv \
		| environment
	@echo "Making the synthetic experiment in demo/"
	@python -m imid.synthetic.make_synthetic --plan resources/synthetic.yaml --output demo
	@touch demo/truth

new: environment  ## make the folder of a new run: make new DIR=my_run
	@python -m imid.running.create_run "$(or $(DIR),$(error Name its folder: make new DIR=my_run))"

quick: programs  ## the tests that run neither the workflow nor R (some minutes)
	python -m pytest --numprocesses 2 -m $(QUICK)

test: peers  ## run every test
	python -m pytest --numprocesses 2

coverage: programs  ## which lines the quick tests run (half as long again as quick)
	python -m pytest --numprocesses 2 -m $(QUICK) --cov

soak: programs  ## kill the workflow at random moments, and change the code to see tests fail (hours)
	python -m pytest tests/soak
	python tests/soak/mutate.py --output soak/mutants.tsv

bench: peers  ## measure against the peers, side by side: bench/results.tsv (an hour)
	@mkdir -p bench
	python tests/bench/align.py --output bench/align.tsv
	python tests/bench/count.py --output bench/count.tsv
	python tests/bench/fit.py --output bench/fit.tsv
	python tests/bench/graph.py --output bench/graph.tsv
	python tests/bench/run.py --output bench/run.tsv
	@{ cat bench/align.tsv; tail -n +2 -q bench/{count,fit,graph,run}.tsv; } \
		> bench/results.tsv
	@column -t -s $$'\t' bench/results.tsv

calibrate: environment  ## measure error rates and power: calibrate/error_rates.tsv (half an hour)
	@mkdir -p calibrate
	PYTHONPATH=scripts:tests python -m calibrate.measure --output calibrate/error_rates.tsv

lint: environment demo/truth  ## style, types, arrows between rooms
	ruff check
	ruff format --check
	snakefmt --check workflow
	lint-imports
	mypy
	snakemake --lint --directory demo

drawing: programs demo/truth  ## draw rooms and flow into scripts/README.md
	python scripts/draw_rooms.py --experiment demo

lock: environment  ## compile requirements.lock from pyproject.toml
	python -m pip install --quiet uv
	uv pip compile --quiet --universal --python-version 3.11 --extra test --no-header --no-annotate \
		pyproject.toml --output-file requirements.lock

clean:  ## remove what demo, bench, soak and calibrate made
	rm -rf demo bench soak calibrate .coverage*
