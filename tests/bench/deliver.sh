#!/bin/sh
# The sender's speed and memory: see deliver.py and memory.py. Installs the peers, builds the release with
# what the benchmarks need, measures. Ten minutes; not part of the tests.
set -eu
cd "$(dirname "$0")/../.."
cmake/install-dependencies.sh --tests
cmake --preset release -DPRANKCURL_BENCH=ON >/dev/null
cmake --build build/release --target prankcurl_program bench_sink bench_deliver
/usr/bin/python3 tests/bench/deliver.py build/release
exec /usr/bin/python3 tests/bench/memory.py build/release
