#!/bin/sh
# clang-tidy and cppcheck over our own sources; both must find nothing.
set -eu
cd "$(dirname "$0")/.."

sources=$(git ls-files 'src/*.c')
echo "clang-tidy: $(echo "$sources" | wc -l) files"
echo "$sources" | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/release 2>/dev/null

echo "cppcheck"
cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$(nproc)" \
    --enable=warning,performance,portability \
    --suppress=missingIncludeSystem -Iinclude -Isrc $sources
echo "static analysis: clean"
