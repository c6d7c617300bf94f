#!/bin/sh
# From a fresh clone to the first pranks in a mailbox: installs what is missing, builds, starts prankmock
# on this machine, and sends the example campaign to it. Nothing leaves this machine.
#   examples/try.sh          then waits for Ctrl-C, so that you can look at the page
#   examples/try.sh --once   stops when all pranks have arrived (also without a terminal)
set -eu
cd "$(dirname "$0")/.."
campaign=examples/april-fools.json
folder=build/try/mock
# Of this rehearsal: what the mock took is not what your own server would take later.
ledger=$folder/april-fools.ledger.db

wait_for_user=no
case "${1:-}" in
"")
    if [ -t 0 ] && [ -t 1 ]; then
        wait_for_user=yes
    fi
    ;;
--once) ;;
*)
    echo "try.sh: usage: examples/try.sh [--once]" >&2
    exit 64
    ;;
esac

echo "== 1. Installing what is missing"
cmake/install-dependencies.sh

echo "== 2. Building into build/try"
cmake -S . -B build/try -G Ninja -DCMAKE_BUILD_TYPE=Release -DPRANKCURL_TESTS=OFF >/dev/null
cmake --build build/try

echo "== 3. Starting prankmock, a mail server that only pretends"
mkdir -p "$folder"
rm -f "$folder/listening" "$ledger" "$ledger"-*
build/try/prankmock --smtp 127.0.0.1:0 --http 127.0.0.1:0 --tls-dir "$folder" --quiet \
    >"$folder/listening" &
mock=$!
trap 'kill $mock 2>/dev/null || true' EXIT
trap 'printf "\n== Done.\n"; exit 0' INT TERM
until grep -q '^ca ' "$folder/listening" 2>/dev/null; do
    kill -0 $mock 2>/dev/null || { echo "try.sh: prankmock did not start" >&2; exit 1; }
    sleep 0.1
done
smtp=$(sed -n 's/^smtp //p' "$folder/listening")
page=$(sed -n 's/^page //p' "$folder/listening")
ca=$(sed -n 's/^ca //p' "$folder/listening")

echo "== 4. Who pranks whom with what (prankcurl plan $campaign)"
build/try/prankcurl plan "$campaign"

echo
echo "== 5. The first message, byte for byte as it will go (prankcurl --dry-run --limit 1 $campaign)"
build/try/prankcurl --dry-run --limit 1 "$campaign"

echo "== 6. Sending all of them, with STARTTLS and AUTH"
# prankmock takes any password; yours would come from your own environment.
export PRANKCURL_PASSWORD=pretend
echo "prankcurl --server smtp://$smtp --ca-file $ca --ledger $ledger $campaign"
build/try/prankcurl --server "smtp://$smtp" --ca-file "$ca" --ledger "$ledger" --yes "$campaign"

echo "== 7. Counting what has arrived"
sent=$(build/try/prankcurl plan --quiet --format json "$campaign" | grep -o '"message_id"' | wc -l)
if ! curl -fsS "${page}api/wait?count=$sent&timeout=30" >"$folder/arrived.json"; then
    echo "try.sh: not all of the $sent pranks arrived" >&2
    exit 1
fi
arrived=$(grep -o '"matching":[0-9]*' "$folder/arrived.json" | cut -d: -f2)
if [ "$arrived" != "$sent" ]; then
    echo "try.sh: $sent pranks were sent, $arrived arrived" >&2
    exit 1
fi
echo "$arrived of $sent pranks are in the mailbox of prankmock; nothing left this machine."

echo "== 8. What the ledger knows (prankcurl status --ledger $ledger $campaign)"
build/try/prankcurl status --ledger "$ledger" "$campaign"

if [ "$wait_for_user" = yes ]; then
    cat <<END
== 9. Look at them: $page
   - the tab "Envelope" of a message: who really sent it, and what the reader sees
   - "Dialogue": what SMTP said, with STARTTLS and AUTH
   - "Campaigns": who pranked whom, as a picture
   Send them again, from any terminal and folder (without --new-run nobody gets one twice):
     PRANKCURL_PASSWORD=any $PWD/build/try/prankcurl --server smtp://$smtp \\
         --ca-file $ca --ledger $PWD/$ledger --new-run $PWD/$campaign
   Ctrl-C ends it.
END
    wait $mock
fi
echo "== Done."
