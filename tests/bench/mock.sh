#!/bin/sh
# prankmock against smtp-sink, MailDev and aiosmtpd: see mock.py. Installs the peers (Debian's, and MailDev
# from npm into build/bench), builds the release, measures. Some minutes; not part of the tests.
set -eu
cd "$(dirname "$0")/../.."
cmake/install-dependencies.sh --tests
for package in python3-aiosmtpd npm; do
    command -v "${package#python3-}" >/dev/null || dpkg -s "$package" >/dev/null 2>&1 ||
        apt-get install -y -qq --no-install-recommends "$package"
done
cmake --preset release >/dev/null
cmake --build build/release --target prankmock_program
npm install --prefix build/bench --no-fund --no-audit --silent maildev
exec /usr/bin/python3 tests/bench/mock.py build/release/prankmock build/bench/node_modules/.bin/maildev
