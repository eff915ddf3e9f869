# The one front door; meson and ninja do the work.
BUILD ?= build
T ?=

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) mailstead

$(BUILD)/build.ninja:
	@tools/deps build
	@meson setup $(BUILD)

check: $(BUILD)/build.ninja
	@ninja -C $(BUILD)
	@meson test -C $(BUILD) --print-errorlogs $(if $(T),--suite '$(T)',--no-suite live)

run:
	@tools/run

check-live: $(BUILD)/build.ninja
	@tools/deps live
	@ninja -C $(BUILD)
	@meson test -C $(BUILD) --print-errorlogs --suite live

# make install prefix=/usr DESTDIR=...: the units and their paths follow.
install: $(BUILD)/build.ninja
	@$(if $(prefix),meson configure $(BUILD) -Dprefix='$(prefix)')
	@ninja -C $(BUILD) mailstead
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild

asan:
	@test -d build-asan || CC=clang meson setup build-asan \
	    -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build-asan
	@meson test -C build-asan --print-errorlogs $(if $(T),--suite '$(T)',--no-suite live)

# make fuzz T=summary: one target of fuzz/ for a minute.
fuzz:
	@test -d build-fuzz || CC=clang meson setup build-fuzz -Dfuzz=true \
	    -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build-fuzz fuzz/fuzz_$(T)
	@mkdir -p build-fuzz/corpus/$(T)
	@build-fuzz/fuzz/fuzz_$(T) -max_total_time=60 -timeout=25 \
	    build-fuzz/corpus/$(T)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint:
	@tools/check-layers
	@tools/check-length
	@tools/check-commands
	@tools/check-requirements
	@tools/check-format

ci:
	@tools/ci

clean:
	@rm -rf build build-asan build-fuzz

.PHONY: all run check check-live install asan fuzz format lint ci clean
