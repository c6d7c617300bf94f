#!/bin/sh
# Installs what is missing, builds, and runs every test: unit tests, golden messages, the corpus of wrong
# campaigns, the oracles, real mail servers and clients, the page in a browser, sanitizers, static analysis.
# Idempotent.
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s\n' "$1"
}

# Debian's own Python has the modules that Debian's packages install.
pytest() {
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider "$@"
}

step "Installing what is missing"
cmake/install-dependencies.sh --tests

for preset in dev release asan-ubsan tsan; do
    step "Building: $preset"
    cmake --preset "$preset" >/dev/null
    cmake --build "build/$preset"
done

step "Format, layers, static analysis"
clang-format --dry-run --Werror src/*/*.[ch] include/prankcurl/*.h \
    tests/unit/*.[ch] tests/oracle/*.c tests/fuzz/*.c tests/bench/*.c
tests/check-layers.sh
tests/analyse.sh

step "Unit tests, plain and with sanitizers"
ctest --test-dir build/dev --output-on-failure
ctest --test-dir build/asan-ubsan --output-on-failure

step "The corpus of wrong and good campaigns, with sanitizers"
PRANKCURL_BINARY=build/asan-ubsan/prankcurl pytest tests/corpus

step "Golden messages, oracles, and the same bytes from every build"
GMIME_DUMP=build/dev/tests/gmime_dump \
    PRANKCURL_BINARY=build/dev/prankcurl \
    PRANKCURL_BINARIES=build/dev/prankcurl:build/release/prankcurl:build/asan-ubsan/prankcurl \
    pytest tests/golden tests/oracle

step "End to end, with real mail servers and with sanitizers"
PRANKMOCK_BINARY=build/asan-ubsan/prankmock PRANKCURL_BINARY=build/asan-ubsan/prankcurl pytest tests/e2e

step "The engine and its ledger, by the thread sanitizer"
TSAN_OPTIONS=halt_on_error=1 ctest --test-dir build/tsan --output-on-failure -R 'ledger|queue|pool'
TSAN_OPTIONS=halt_on_error=1 PRANKMOCK_BINARY=build/release/prankmock PRANKCURL_BINARY=build/tsan/prankcurl \
    pytest tests/e2e/test_fault_table.py tests/e2e/test_ledger.py tests/e2e/test_interrupt.py

step "Killed at random moments, and resumed: nothing twice, nothing lost"
PRANKMOCK_BINARY=build/release/prankmock PRANKCURL_BINARY=build/release/prankcurl pytest -s tests/crash

step "prankmock: dialogue, faults, API, store, and real clients, with sanitizers"
PRANKMOCK_BINARY=build/asan-ubsan/prankmock PRANKCURL_BINARY=build/dev/prankcurl pytest tests/mock

step "The page, and that of the preview, in Chromium"
PRANKMOCK_BINARY=build/release/prankmock PRANKCURL_BINARY=build/release/prankcurl pytest tests/page

step "examples/try.sh, the newcomer's first minutes"
examples/try.sh --once

step "A big attachment, in memory once"
PRANKMOCK_BINARY=build/release/prankmock PRANKCURL_BINARY=build/release/prankcurl \
    pytest tests/e2e/test_attachment_memory.py

step "Memory, by valgrind"
PRANKMOCK_BINARY=tests/mock/under-valgrind.sh pytest tests/mock/test_memory.py
valgrind -q --error-exitcode=9 --leak-check=full \
    build/dev/prankcurl --dry-run --quiet examples/april-fools.json >/dev/null
echo "no error, no leak"

printf '\nAll tests passed.\n'
