#!/bin/sh
# How fast messages are composed: see compose.py. Builds the release with what the benchmark needs, measures.
# Two minutes; not part of the tests. Fails where the bounds don't hold.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset release -DPRANKCURL_BENCH=ON >/dev/null
cmake --build build/release --target prankcurl_program bench_compose bench_compose_gmime
exec /usr/bin/python3 tests/bench/compose.py build/release
