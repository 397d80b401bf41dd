/// The small programs in and around a machine, for `sh`: nothing of them depends on the program that uses this library.
enum Scripts {
    /// The machine's supervisor, in a session of its own, so that no signal from a terminal reaches it.
    ///
    /// Its standard input is a pipe whose other end only the harness holds. When that ends, whatever ended the harness,
    /// SIGKILL included, it takes the machine down and removes its cgroups. It is itself the machine's parent, so that
    /// the parent-death signal covers its own death too. SIGKILL to systemd-nspawn alone would orphan the systemd
    /// inside, hence a PID namespace around both: all in it die with its first process.
    static let janitor = """
        # The harness may be gone before it reads what is written to it here. A handler, unlike an ignored signal, is
        # not passed on to the machine.
        trap : PIPE INT TERM HUP
        boot=$1; name=$2; root=$3; shift 3
        for tree in "$@"; do
            mkdir "$tree/$name" && continue
            for made in "$@"; do
                [ "$made" = "$tree" ] && exit 1
                rmdir "$made/$name"
            done
        done
        setpriv --pdeathsig KILL unshare --mount --pid --mount-proc --fork --kill-child \\
            --propagation private -- \\
            sh -c "$boot" boot "$name" "$root" "$@" </dev/null >&2 &
        machine=$!
        echo "$machine"
        exec >/dev/null 2>&1
        while read -r _; do :; done
        trap '' INT TERM HUP
        # One that has ended by itself may have left its number to somebody else.
        parent=
        while read -r field value; do [ "$field" = PPid: ] && parent=$value; done <"/proc/$machine/status"
        if [ "$parent" = $$ ]; then
            first=
            read -r first _ <"/proc/$machine/task/$machine/children"
            kill -KILL "${first:-$machine}"
        fi
        wait
        for tree in "$@"; do
            # What was killed may be on its way out of a group for a moment.
            tries=0
            while [ -d "$tree/$name" ] && [ $tries -lt 250 ]; do
                find "$tree/$name" -depth -type d -exec rmdir {} + && break
                tries=$((tries + 1))
                sleep 0.02
            done
        done
        """

    /// Runs as the first process of the machine's outer namespaces, and becomes its systemd-nspawn.
    ///
    /// All it writes is on a tmpfs in a mount namespace of its own, over `/run` and `/tmp`, where systemd-nspawn
    /// leaves things too: nothing is to be removed afterwards, for it goes with the namespace.
    static let boot = """
        set -eu
        name=$1; root=$2; shift 2
        for tree in "$@"; do echo 0 >"$tree/$name/cgroup.procs"; done
        # Before anything is mounted over it; and whatever its path is, an option cannot be mistaken.
        cd "$root"
        mount -t tmpfs -o mode=0755 machine /run
        mount -t tmpfs -o mode=1777 machine /tmp
        mkdir -p /run/machine/upper /run/machine/work /run/machine/tree
        mount -t overlay -o lowerdir=.,upperdir=/run/machine/upper,workdir=/run/machine/work machine /run/machine/tree
        cd /run/machine/tree
        # A system that boots for the first time, starts nothing that the host does, and mounts none of its disks.
        : >etc/machine-id
        : >etc/fstab
        rm -f etc/hostname
        echo "$name" >etc/hostname
        rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires var/log/journal
        mkdir -p etc/systemd/system etc/systemd/journald.conf.d
        # A test looks for entries, and for their absence: none is dropped for being one of many.
        printf '[Journal]\\nRateLimitIntervalSec=0\\n' >etc/systemd/journald.conf.d/10-test-kit.conf
        ln -sf /dev/null etc/systemd/system/console-getty.service
        cd /
        mkfifo /run/machine/go
        read -r _ </run/machine/go
        export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
        exec systemd-nspawn --quiet --directory=/run/machine/tree --machine="$name" --boot --register=no --keep-unit \\
            --private-network --link-journal=no --resolv-conf=off --timezone=off --console=pipe \\
            systemd.unit=multi-user.target
        """

    /// Writes its input to the file `$1`, gives that the mode `$2`, and makes the directories above it.
    static let put = #"mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod -- "$2" "$1""#
}
