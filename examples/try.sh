#!/bin/sh
# From a fresh clone to the first pranks on your screen: installs what is missing, builds, and shows
# the example campaign's messages. Sends nothing.
set -eu
cd "$(dirname "$0")/.."

echo "== 1. Installing what is missing"
cmake/install-dependencies.sh

echo "== 2. Building into build/try"
cmake -S . -B build/try -G Ninja -DCMAKE_BUILD_TYPE=Release -DPRANKCURL_TESTS=OFF >/dev/null
cmake --build build/try

echo "== 3. Who pranks whom with what"
build/try/prankcurl plan examples/april-fools.json

echo
echo "== 4. The messages, as they would be sent (prankcurl --dry-run examples/april-fools.json)"
build/try/prankcurl --dry-run examples/april-fools.json

echo "== Done: these are the pranks of examples/april-fools.json. Nothing was sent."
