import ServiceSettings

extension UnitIdentity {
    /// `NAME.service`, or `NAME@.service`, with the sandbox and its reasons.
    var service: String {
        """
        [Unit]
        Description=\(title)\(suffix)\(documentation)
        # `systemctl start \(unit).service` brings up the sockets too, and `systemctl stop \(unit).socket` stops all of it.
        # Sockets= is not needed: \(unit).socket belongs here by its name, \(adminUnit).socket by its Service=, once enabled.
        Requires=\(unit).socket
        After=\(unit).socket
        # The daemon has the admin socket open, too: it goes on listening until both have let go of it. So a stop of that unit stops
        # the daemon (the next connection starts it, without), and a restart of it restarts the daemon.
        PartOf=\(adminUnit).socket
        # No start limit. Reaching it would take \(unit).socket down ('service-start-limit-hit'), and connections would be
        # refused from then on. RestartSec= below paces a failing start instead.
        StartLimitIntervalSec=0

        [Service]
        Type=notify
        NotifyAccess=main
        ExecStart=\(programPath) serve\(instanceConfiguration)
        # Sends SIGHUP, and returns when the daemon has written the outcome to $RUNTIME_DIRECTORY/reload.
        ExecReload=\(programPath) reload $MAINPID
        RuntimeDirectory=\(unit)
        # With it, /run/\(unit) is a link to /run/private/\(unit), and systemd itself puts both into the sandbox, as it does with `yes`:
        # a mount of ours in that place would fail the start.
        RuntimeDirectoryPreserve=restart
        # A restart sends SIGUSR2 in place of SIGTERM: the daemon then hands its open connections over to the next process,
        # instead of announcing each close to its client.
        RestartKillSignal=SIGUSR2
        # A second restart may come before the process of the first one has come so far as to handle signals. No connection is
        # lost by that: the store is read later.
        SuccessExitStatus=SIGUSR2

        # While it waits to be restarted, connections wait in the queue of the socket. No RestartPreventExitStatus=: a waiting
        # connection would trigger the next start at once, over and over, instead of after RestartSec=.
        Restart=on-failure
        RestartSec=1s
        TimeoutStartSec=30s
        # Longer than lame_duck (0 s) and drain_timeout (30 s) together, so that the daemon can finish its requests. Raise it with
        # them.
        TimeoutStopSec=45s
        WatchdogSec=10s
        # Open connections pass from one process to the next through the store, in at most so many socket pairs.
        FileDescriptorStoreMax=16

        # The daemon bounds its own queue of records and counts what it drops; the journal's limit would drop without a count.
        LogRateLimitIntervalSec=0
        # As many connections as the machine allows: where the limit of the manager is lower, that one is used.
        LimitNOFILE=1048576
        TasksMax=512

        # --- The sandbox. \(purpose)
        # --- `systemd-analyze security \(unit).service` rates it.

        # A user that exists only while the service runs, without any capability, and no way to gain one.
        DynamicUser=yes\(instanceUser)
        CapabilityBoundingSet=
        NoNewPrivileges=yes
        PrivateUsers=yes
        RestrictSUIDSGID=yes
        KeyringMode=private
        UMask=0077

        \(network)

        # A read-only world. ProtectSystem= alone leaves /run open to writing, and with it every socket in there to connecting:
        # the daemon sees its own directory, which systemd puts there, and that of systemd, for the sockets of the journal and of
        # notifications. It is shown whole, since a mount of ours at /run/systemd/journal would hide the one that LogNamespace=
        # puts there; what else systemd keeps in it is closed by name. /dev/shm and /dev/mqueue are writable by anyone.
        ProtectSystem=strict
        ProtectHome=yes
        PrivateMounts=yes
        PrivateTmp=yes
        TemporaryFileSystem=/run:ro
        BindReadOnlyPaths=/run/systemd:/run/systemd:norbind
        InaccessiblePaths=-/run/systemd/private -/run/systemd/userdb -/run/systemd/sessions -/run/systemd/users
        InaccessiblePaths=-/run/systemd/seats -/run/systemd/machines -/run/systemd/machine -/run/systemd/inhibit
        InaccessiblePaths=-/run/systemd/io.system.ManagedOOM -/run/systemd/io.systemd.Manager -/run/systemd/io.systemd.Login
        InaccessiblePaths=-/run/systemd/io.systemd.Hostname -/run/systemd/io.systemd.Credentials -/run/systemd/io.systemd.sysext
        InaccessiblePaths=-/run/systemd/io.systemd.NamespaceResource -/run/systemd/io.systemd.MountFileSystem
        InaccessiblePaths=-/dev/shm -/dev/mqueue
        NoExecPaths=/tmp /var/tmp -/run/private/\(unit)
        PrivateDevices=yes
        DevicePolicy=closed
        PrivateIPC=yes
        RemoveIPC=yes

        # Nothing of the kernel, of the host, or of other processes.
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectProc=invisible
        ProcSubset=pid
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        RestrictNamespaces=yes
        RestrictRealtime=yes

        # EPERM rather than a kill: the runtime probes, and does well without. setpriority(2) is made to do nothing and succeed:
        # the runtime's thread pool would complain on stderr for each of its threads.
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallFilter=~setpriority:0
        SystemCallErrorNumber=EPERM

        [Install]
        # For those who want it running before the first connection. Otherwise enabling \(unit).socket is enough.
        WantedBy=multi-user.target
        Also=\(unit).socket

        """
    }

    /// Where an instance has its settings, with the line break before: the daemon itself knows one place only.
    private var instanceConfiguration: String {
        isTemplate ? "\nEnvironment=\(variablesPrefix)CONFIG=/etc/\(name)/%i.yaml" : ""
    }

    /// Who an instance runs as, with the line break before.
    private var instanceUser: String {
        guard isTemplate else { return "" }
        return """

            # Named, since systemd would give all instances, and \(name).service, the same one.
            User=\(name)-%i
            """
    }

    /// What the sandbox leaves to the daemon, in its first line.
    private var purpose: String {
        callsOut
            ? "The daemon reads its configuration, writes to sockets it was given, and makes connections; nothing else."
            : "The daemon reads its configuration and writes to sockets it was given; it may do nothing else."
    }

    /// Which network the daemon has besides the sockets that it inherits.
    private var network: String { callsOut ? networkToCall : noNetwork }

    private var noNetwork: String {
        """
        # No network of its own: inherited sockets go on working. AF_UNIX is for the journal and for notifications.
        PrivateNetwork=yes
        RestrictAddressFamilies=AF_UNIX
        IPAddressDeny=any
        """
    }

    /// For a daemon that calls others: the largest hole in the sandbox, so it says how to make it smaller.
    private var networkToCall: String {
        """
        # The network of the machine, since it makes connections of its own: this is the largest hole in the sandbox. AF_UNIX
        # is for the journal and for notifications. AF_NETLINK: the resolver looks at the machine's addresses to order those
        # of a name.
        PrivateNetwork=no
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        # It may connect to anywhere. Better: a drop-in with IPAddressDeny=any, and with IPAddressAllow= for whom it calls and
        # for the name server, as in IPAddressAllow=localhost 192.0.2.0/24
        """
    }
}
