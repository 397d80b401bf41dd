#!/bin/sh
# Shows that integration-tests leaves nothing behind, however it ends: by itself, and by SIGINT, SIGTERM and SIGKILL as it
# begins to boot, while it boots, and while a scenario runs; and neither does a test of SystemdTestKit with two machines, or
# what runs it, that is killed as the first boots, as the second does, and while both run. Arguments: the integration-tests
# program, the bundle of the package's tests, and options for the former.
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
cd "$(dirname "$0")/.." || exit
program=$1 tests=$2
shift 2
mount -t tmpfs leaves-nothing /tmp
mount -t tmpfs leaves-nothing /var/tmp
work=/tmp/work
mkdir $work
failed=0

# A namespace lives as long as a process is in it, and so stands for processes too.
# But what SwiftPM leaves of each run that fails or is killed.
snapshot() {
    find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/ns/*' -printf 'namespace %l\n' 2>/dev/null
    sed 's/^/mount /' /proc/self/mounts
    find /sys/fs/cgroup -type d ! -path '*/process_api/*' -printf 'cgroup %p\n' 2>/dev/null
    find /run /tmp /var/tmp /dev/shm /usr/local/lib /usr/local/libexec /etc/systemd /var/lib/systemd \
        ! -path "$work/*" ! -path '/tmp/TemporaryDirectory.*' ! -path '/tmp/_*.lock' -printf 'file %p\n' 2>/dev/null
    grep -la -- "[-]$harness-" /proc/[0-9]*/cmdline 2>/dev/null | sed 's/^/process /'
}

# has_said PATTERN: in what the program has written so far.
has_said() { grep -q -- "$1" "$work/output"; }

# boots NAME: whether a machine of that name has cgroups.
boots() { [ -n "$(find /sys/fs/cgroup -maxdepth 2 -name "$1-*" -print -quit)" ]; }

# has_booted NAME: whether its systemd has made groups in there.
has_booted() { [ -n "$(find /sys/fs/cgroup -path "*/$1-*/system.slice/dbus.service" -print -quit)" ]; }

# attempt NAME STATUS SIGNAL STAGE DELAY ARGUMENT...: sends the signal so long after the stage, a command, is reached.
attempt() {
    name=$1 expected=$2 signal=$3 stage=$4 delay=$5
    shift 5
    harness=none
    snapshot | sort -u >"$work/before"
    "$program" "$@" >"$work/output" 2>&1 &
    harness=$!
    if [ -n "$signal" ]; then
        tries=0
        while ! $stage && [ $tries -lt 1500 ]; do
            sleep 0.01
            tries=$((tries + 1))
        done
        if [ $tries -eq 1500 ]; then
            echo "not ok: $name: it did not come so far ($stage)"
            cat "$work/output"
            failed=1
        fi
        sleep "$delay"
        kill -"$signal" "$harness" || {
            echo "not ok: $name: it was over before the signal came"
            failed=1
        }
    fi
    # Bounded by a watch, which ends with what it watches.
    { timeout 300 tail --pid="$harness" --follow /dev/null || kill -KILL "$harness"; } >/dev/null 2>&1 &
    watch=$!
    wait "$harness" 2>/dev/null
    status=$?
    wait "$watch"
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
    attempt "$signal as it begins to boot" $status "$signal" 'has_said booting' 0 "$@"
    attempt "$signal while it boots" $status "$signal" 'has_said booting' 0.2 "$@"
    attempt "$signal while a scenario runs" $status "$signal" 'has_said process' 0.3 "$@"
done

# Not SIGINT, which a shell has its background programs ignore.
program=$tests
set -- --testing-library swift-testing --filter 'ForeignDaemonTests/two'
attempt 'a test with two machines that passes' 0 '' '' 0 "$@"
for ending in TERM:143 KILL:137; do
    signal=${ending%:*} status=${ending#*:}
    attempt "$signal as a test's first machine boots" $status "$signal" 'boots first' 0.1 "$@"
    attempt "$signal as its second machine boots" $status "$signal" 'boots second' 0.1 "$@"
    attempt "$signal while both run" $status "$signal" 'has_booted second' 0 "$@"
done
program=swift
set -- test --skip-build --filter 'ForeignDaemonTests/two'
# The test itself goes on, and ends as it would have ended.
attempt "KILL of what runs the test" 137 KILL 'boots second' 0.1 "$@"
exit $failed
