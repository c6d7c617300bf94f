#!/bin/sh
# prankmock under valgrind, for tests/mock: PRANKMOCK_BINARY=tests/mock/under-valgrind.sh. An error, or
# memory that nobody holds any more, makes it exit with 9.
exec valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite "$(dirname "$0")/../../build/dev/prankmock" "$@"
