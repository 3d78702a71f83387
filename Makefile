# Thin: each target is a line or two that can be typed by hand. All use the release profile, so that Unicorn,
# minutes of C, is built once.

# rustup puts cargo there; a shell that was open before doesn't know yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

ROOTS := $(or $(EMU_ROOTS),target/roots)
NEXTEST := $(shell cargo nextest --version 2>/dev/null)

ifdef NEXTEST
TEST := cargo nextest run --release --workspace --locked
LONG := $(TEST) --run-ignored only -E 'binary(long)'
else
TEST := cargo test --release --workspace --locked --all-targets
LONG := cargo test --release --workspace --locked --test long -- --ignored
endif

.PHONY: help demo test test-all bench sysroot guests clean-roots setup

help:
	@echo "make demo         build emu and run an ARM program with it"
	@echo "make test         every test but the long suite (fetches Debian roots, some 110 MB, once)"
	@echo "make test-all     the long suite too, as CI does (fetches 270 MB more)"
	@echo "make bench        emu against qemu-user, as a table"
	@echo "make sysroot ARCH=armhf DEST=roots/armhf [PACKAGES=...]   a Debian root for --root"
	@echo "make guests       rebuild the tiny guests (needs the cross compilers)"
	@echo "make clean-roots  remove the fetched roots"

setup:
	@.ci/setup

demo: setup
	cargo build --release --locked
	target/release/emu --profile linux_arm guest-images/linux_arm/hello.elf

test: setup
	guest-images/roots
	$(TEST)
	cargo test --release --workspace --locked --doc

test-all: setup
	guest-images/roots --all
	$(TEST)
	$(LONG)
	cargo test --release --workspace --locked --doc

bench: setup
	cargo run --release --locked --example bench

sysroot:
	guest-images/sysroot $(or $(ARCH),$(error which one? make sysroot ARCH=armhf DEST=roots/armhf)) \
	  $(or $(DEST),$(error where to? make sysroot ARCH=$(ARCH) DEST=roots/$(ARCH))) $(PACKAGES)

guests:
	guest-images/build

clean-roots:
	rm -rf $(ROOTS)
