#!/bin/sh
# Installs what building and testing need, on Debian 12 or newer. Installs nothing that is there.
#   cmake/install-dependencies.sh          to build
#   cmake/install-dependencies.sh --tests  to build and to run all tests
set -eu

packages="gcc libc6-dev cmake ninja-build pkg-config ca-certificates curl
    libcurl4-openssl-dev libcjson-dev libcsv-dev libidn2-dev libunistring-dev
    libevent-dev libgmime-3.0-dev libsqlite3-dev libssl-dev libxml2-dev
    libcmark-gfm-dev libcmark-gfm-extensions-dev"
if [ "${1:-}" = --tests ]; then
    packages="$packages clang clang-format clang-tidy libclang-rt-dev cppcheck valgrind
        libcmocka-dev git sqlite3 strace
        python3-pytest python3-jsonschema python3-yaml python3-icalendar openssl
        postfix dovecot-core dovecot-imapd dovecot-lmtpd
        swaks libnet-ssleay-perl msmtp nodejs node-nodemailer
        chromium chromium-driver python3-selenium mutt"
fi

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=""
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "dependencies: all installed"
    exit 0
fi

as_root=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "dependencies: run this as root, or install sudo; missing:$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "dependencies: installing$missing"
# No questions, and no mail server that starts by itself.
export DEBIAN_FRONTEND=noninteractive
echo "postfix postfix/main_mailer_type select No configuration" |
    $as_root debconf-set-selections 2>/dev/null || true
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
echo "dependencies: done"
