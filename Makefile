# Chevet. `make` alone prints what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo test image simulate planted campaign fuzz fuzz-wire check format bench gallery sessions listen pins packages image-twice boot join damaged sealed burnt keyboard clinic-units image-test-short image-test clean
V := .venv/bin
SETUP := firmware_config/workstation/setup
# Extra words for pytest: make test T="tests/audio -k gap"
T ?=

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s'|'

setup: ## Install what is missing (Debian packages, .venv); the others call it
	@$(SETUP) test

demo: ## One whole care session, from the button to the clinic's table, on real parts
	@$(SETUP) demo
	@$(V)/python -m tests.demo

test: setup ## Every test, on real parts, on both cores
	@$(V)/python -m pytest -n 2 --dist worksteal $(T)

simulate: setup ## The wire under accidents, an hour on all cores: SCHEDULES=n SEED=s SECONDS=t REPLAY=seed STORE=sql|django
	@nice $(V)/python -m tests.simulation --store $(or $(STORE),sql) --schedules $(or $(SCHEDULES),0) --seed $(or $(SEED),0) \
		--seconds $(or $(SECONDS),3600) $(if $(REPLAY),--replay $(REPLAY)) $(if $(JSON),--json)

planted: setup ## Bugs put into the wire on purpose: how many schedules find each
	@nice $(V)/python -m tests.simulation --planted $(if $(JSON),--json)

campaign: setup ## The wire on real processes under kills, cuts and full disks, an hour: ROUNDS=n SEED=s HOUSES=n STORE=postgresql INGESTS=2
	@nice $(V)/python -m tests.campaign --rounds $(or $(ROUNDS),500) --seed $(or $(SEED),0) --houses $(or $(HOUSES),3) --broker $(or $(BROKER),mosquitto) \
		--store $(or $(STORE),sqlite) --ingests $(or $(INGESTS),1) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(BY_CHANCE),--by-chance) \
		$(if $(JSON),--json) $(if $(ROUNDS)$(BY_CHANCE)$(STORE)$(BROKER),,--page docs/campaign.md)

fuzz: setup ## Hostile values in every field of every page, half an hour: EXAMPLES=n SEED=s, DATABASE=postgresql
	@nice $(V)/python -m tests.clinic.fuzzing $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(DATABASE),--database $(DATABASE))

fuzz-wire: setup ## Hostile bytes at both ends of the wire, guided by coverage (atheris, x86_64), five minutes: TIME=s
	@nice $(V)/python -m tests.mqtt_bridge.fuzz_wire --seconds $(or $(TIME),300)

check: setup ## Format, lint, strict types, and who may import whom
	@$(V)/ruff format --check .
	@$(V)/ruff check .
	@$(V)/mypy kiosk audio mqtt_bridge clinic tests firmware_config
	@$(V)/lint-imports --no-cache

format: setup ## Put the code in its usual form
	@$(V)/ruff format . && $(V)/ruff check --fix .

bench: ## Speed and memory beside their peers, in one run: docs/bench.md, bench-wire.md (installs the peers; half an hour)
	@$(SETUP) bench
	@$(V)/python -m tests.bench

gallery: setup ## Every screen at both sizes, in both languages, day and night: docs/gallery/ (small), var/gallery/ (all)
	@nice $(V)/chevet-kiosk draw --pages docs/gallery
	@nice $(V)/chevet-kiosk draw --all var/gallery

sessions: ## Montages, guided sessions and spoken words: var/sessions/, var/voice/words/ (ten minutes, 700 MB)
	@$(SETUP) sessions
	@nice $(V)/chevet-audio sessions var/sessions

listen: ## An independent recogniser listens to the spoken words (750 MB, an hour); SAMPLE=200: to so many of them
	@$(if $(SAMPLE),$(SETUP) sessions,$(MAKE) sessions)
	@nice $(V)/python -m tests.audio.voice.listening $(if $(SAMPLE),--sample $(SAMPLE),var/voice/words)

image: ## The box's image, var/image/chevet.img (as root; ten minutes the first time): ANEW=1 builds it although nothing changed
	@$(SETUP) image
	@nice -n 15 $(V)/python -m firmware_config.image.recipe $(if $(ANEW),--anew)

image-twice: ## The image built anew, Debian's packages too, and its SHA-256 beside the former's: two builds, one hash (as root)
	@$(SETUP) image
	@nice -n 15 $(V)/python -m firmware_config.image.recipe --twice

boot: ## The image in an emulator, until its first screen: var/image/run/boot/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance boot

join: ## The same as a new box of a real clinic: enrolled by its code, plan, package, home, a touch: var/image/run/join/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance join

image-test-short: ## The whole journey on the image in the emulator: one start, one session, checked: var/image/run/short/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance test session

image-test: ## The same, then power cuts, what else may befall a box, and what it costs (hours): ONLY="cuts week" FIRST_CUTS=20 INTO=FILE REST=1 PAGE=FILE
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance test $(ONLY) $(if $(FIRST_CUTS),--first-cuts $(FIRST_CUTS)) $(if $(INTO),--into $(INTO)) $(if $(REST),--rest) $(if $(OTHER),--other-image) $(if $(PAGE),--page $(PAGE) --picture $(basename $(PAGE)).png)

damaged: ## The same with a spoilt data partition, until the screen that says so: var/image/run/damaged/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance damaged

sealed: ## The data partition by a TPM (swtpm): its own machine, another one, its own again: var/image/run/sealed/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance sealed

burnt: ## The same by the private key of a Pi, on QEMU's model of a Pi 3: var/image/run/burnt/
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance burnt

clinic-units: setup ## The clinic’s units under a real systemd in namespaces of their own, as root: confined, killed, held
	@nice $(V)/python -m tests.clinic_units

keyboard: ## A keyboard and a stranger's stick before the kernel: U-Boot of the card on the same model
	@PYGAME_HIDE_SUPPORT_PROMPT=1 nice -n 15 $(V)/python -m tests.appliance keyboard

pins: ## Pin the requirements again (needs uv)
	@cd firmware_config/workstation && uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --extra kiosk --extra audio --extra montage --extra link \
		--extra clinic ../../pyproject.toml requirements.in -o requirements.txt && \
		for apart in voice listen; do uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header requirements-$$apart.in -o requirements-$$apart.txt || exit 1; done
	@sed -i '1i # Pinned and hashed; made by `make pins`. It names no registry.' firmware_config/workstation/requirements*.txt
	@cd firmware_config/image && uv pip compile -q --python-version 3.13 --python-platform aarch64-manylinux_2_40 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header wheels.in -o wheels.txt
	@sed -i '1i # Pinned and hashed; made by `make pins`. It names no registry.' firmware_config/image/wheels.txt

packages: ## Pin the image's Debian packages again, as the archive gives them today (as root): ONLY="bench headers"
	@$(SETUP) image
	@nice -n 15 $(V)/python -m firmware_config.image.recipe --pins $(ONLY)

clean: ## Forget what was built and run (.venv stays)
	@rm -rf var
