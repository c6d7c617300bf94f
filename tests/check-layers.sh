#!/bin/sh
# The way of the data is one way: a stage includes its own headers and those of the stages before it.
# Fails when a lower one reaches up.
set -eu
cd "$(dirname "$0")/../src"

# What a stage may include, its own folder first; <public> are the headers in include/prankcurl.
allowed() {
    case $1 in
    base) echo "base <error>" ;;
    mustache) echo "mustache base <error>" ;;
    campaign) echo "campaign mustache base <campaign> <error>" ;;
    plan) echo "plan campaign mustache base <plan> <campaign> <error>" ;;
    message) echo "message plan campaign mustache base <message> <plan> <campaign> <error>" ;;
    delivery) echo "delivery message plan campaign mustache base <delivery> <message> <plan> <campaign> <error>" ;;
    ledger) echo "ledger base <ledger> <error>" ;;
    report) echo "report base <ledger> <error>" ;;
    preview) echo "preview base <prankcurl>" ;;
    cli) echo "cli preview report base <prankcurl>" ;;
    mock) echo "mock base <error> <version>" ;;
    esac
}

# What the files of a stage include, as FILE:WORD, where WORD is a folder or a <public> header.
included() {
    grep -HE '^#include ("[a-z_]+/|<prankcurl/)' "$1"/*.[ch] |
        sed -e 's/#include "\([a-z_]*\)\/.*/\1/' -e 's/#include <prankcurl\/\(.*\)\.h>.*/<\1>/'
}

status=0
for folder in */; do
    stage=${folder%/}
    for use in $(included "$stage"); do
        case " $(allowed "$stage") " in
        *" ${use#*:} "*) ;;
        *)
            echo "src/${use%%:*} includes ${use#*:}, which is not below $stage" >&2
            status=1
            ;;
        esac
    done
done
[ $status = 0 ] && echo "layers: every include points down"
exit $status
