#!/bin/sh
# Shows that integration-tests leaves nothing behind, however it ends: by itself, and by SIGINT, SIGTERM and SIGKILL as it
# begins to boot, while it boots, and while a scenario runs. Arguments: the integration-tests program, and options for it.
#
# Compared before and after: namespaces, mounts, cgroups of every tree, files where such things are left, and
# processes that bear the run's name. Prints a line for each way; exits with status 1 if anything remains, if a signal
# came when the run was over, or if the run ended with another status than that of its signal.
set -u
if [ "${1:-}" != --in-namespace ]; then
    # With a /tmp of its own, other programs' files there are not taken for ours.
    exec unshare --mount --propagation private "$0" --in-namespace "$@"
fi
shift
program=$1
shift
mount -t tmpfs leaves-nothing /tmp
mount -t tmpfs leaves-nothing /var/tmp
work=/tmp/work
mkdir $work
failed=0

# A namespace lives as long as a process is in it, and so stands for processes too.
snapshot() {
    find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/ns/*' -printf 'namespace %l\n' 2>/dev/null
    sed 's/^/mount /' /proc/self/mounts
    find /sys/fs/cgroup -type d ! -path '*/process_api/*' -printf 'cgroup %p\n' 2>/dev/null
    find /run /tmp /var/tmp /dev/shm /usr/local/lib /usr/local/libexec /etc/systemd /var/lib/systemd \
        ! -path "$work/*" -printf 'file %p\n' 2>/dev/null
    grep -la -- "[-]$harness-" /proc/[0-9]*/cmdline 2>/dev/null | sed 's/^/process /'
}

# attempt NAME STATUS SIGNAL PATTERN DELAY: sends the signal so long after the output has the pattern.
attempt() {
    name=$1 expected=$2 signal=$3 pattern=$4 delay=$5
    shift 5
    harness=none
    snapshot | sort -u >"$work/before"
    "$program" "$@" >"$work/output" 2>&1 &
    harness=$!
    if [ -n "$signal" ]; then
        tries=0
        while ! grep -q "$pattern" "$work/output" && [ $tries -lt 1500 ]; do
            sleep 0.01
            tries=$((tries + 1))
        done
        if ! grep -q "$pattern" "$work/output"; then
            echo "not ok: $name: never said '$pattern'"
            cat "$work/output"
            failed=1
        fi
        sleep "$delay"
        kill -"$signal" "$harness" || {
            echo "not ok: $name: it was over before the signal came"
            failed=1
        }
    fi
    wait "$harness" 2>/dev/null
    status=$?
    if [ $status -ne "$expected" ]; then
        echo "not ok: $name: status $status, not $expected"
        cat "$work/output"
        failed=1
    fi
    tries=0
    while
        snapshot | sort -u >"$work/after"
        comm -13 "$work/before" "$work/after" >"$work/left"
        [ -s "$work/left" ] && [ $tries -lt 20 ]
    do
        sleep 0.1
        tries=$((tries + 1))
    done
    if [ -s "$work/left" ]; then
        echo "not ok: $name (status $status) leaves behind:"
        sed 's/^/    /' "$work/left"
        failed=1
    else
        echo "ok: $name (status $status) leaves nothing behind"
    fi
}

# Without a product, these are the scenarios that can pass.
attempt 'ended by itself' 0 '' '' 0 "$@" --filter '^(the machine runs|a connection starts a|drop-ins and files)'
for ending in INT:130 TERM:143 KILL:137; do
    signal=${ending%:*} status=${ending#*:}
    attempt "$signal as it begins to boot" $status "$signal" 'booting' 0 "$@"
    attempt "$signal while it boots" $status "$signal" 'booting' 0.2 "$@"
    attempt "$signal while a scenario runs" $status "$signal" 'first process' 0.3 "$@"
done
exit $failed
