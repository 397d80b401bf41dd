extension UnitIdentity {
    /// `NAME.socket`, or `NAME@.socket`, which the clients connect to.
    var sockets: String {
        """
        # The sockets of \(reference). The service manager holds them, so a connection made while the daemon starts, restarts or
        # is not running at all waits in the queue instead of being refused.
        [Unit]
        Description=\(socketsTitle)\(suffix)\(documentation)
        # No limit on starts, as for the service: reaching it would refuse connections from then on ('start-limit-hit').
        StartLimitIntervalSec=0

        [Socket]
        FileDescriptorName=http

        \(clientAddresses)
        # Directly in /run: the daemon's own RuntimeDirectory= is removed whenever it stops, and the socket must outlive that.
        ListenStream=/run/\(unit).sock
        RemoveOnStop=yes
        # The default would be 0666. To let a reverse proxy in, give its group: SocketGroup=www-data
        SocketMode=0660

        # One address, one family: a drop-in can then list 0.0.0.0 and [::] side by side.
        BindIPv6Only=ipv6-only
        # Where IPv6 is switched off, ::1 is no local address; without this the whole unit would fail there.
        FreeBind=yes

        # As long a queue as the kernel allows (net.core.somaxconn): it has to hold everything that arrives during a restart.
        Backlog=4294967295
        # Finds peers that vanished without a word. Idle ones are closed by the daemon's own, shorter, timeouts.
        KeepAlive=yes

        # Address lists belong here: those of the service do not apply to sockets that it inherits.
        IPAddressDeny=any
        IPAddressAllow=localhost

        # No limit on how often the service may be triggered: reaching it would fail this unit, and every connection would be
        # refused until somebody restarts it. A broken start cannot spin: RestartSec= of the service paces it.
        TriggerLimitIntervalSec=0

        [Install]
        WantedBy=sockets.target

        """
    }

    /// Where clients connect to over TCP.
    private var clientAddresses: String {
        guard isTemplate else {
            return """
                # Loopback only. To serve other machines, a drop-in empties ListenStream= and the lists of addresses, and gives its own.
                ListenStream=127.0.0.1:\(port)
                ListenStream=[::1]:\(port)
                """
        }
        return """
            # No port, which would be that of all instances: a drop-in for \(name)@NAME.socket adds ListenStream=127.0.0.1:8090, say. To
            # serve other machines, it empties the lists of addresses besides, and gives its own.
            """
    }

    /// Where whoever looks after the daemon connects to.
    private var adminAddress: String {
        guard isTemplate else { return "ListenStream=127.0.0.1:\(adminPort)" }
        return """
            # No port, which would be that of all instances: a drop-in for \(name)-admin@NAME.socket adds ListenStream=127.0.0.1:8091, say.
            ListenStream=/run/\(adminUnit).sock
            RemoveOnStop=yes
            SocketMode=0660
            """
    }

    /// `NAME-admin.socket`, or `NAME-admin@.socket`, for whoever looks after the daemon.
    var adminSocket: String {
        """
        # The administration listener of \(reference), which serves /metrics besides everything else. Optional:
        #
        #     systemctl enable \(adminUnit).socket
        #     systemctl restart \(unit).service
        #
        # The restart opens it: a socket cannot be added to a service that is running. No connection is refused meanwhile.
        # Turned off again, it is closed at once:
        #
        #     systemctl disable --now \(adminUnit).socket
        #
        # That stops the daemon too, which has it open, and the next connection to \(unit).socket starts it.
        [Unit]
        Description=\(adminSocketTitle)\(suffix)\(documentation)
        # It comes and goes with \(unit).socket. Left alone, it would start the service at the next scrape, and that the sockets.
        PartOf=\(unit).socket
        # No limit on starts, as for the service: reaching it would refuse connections from then on ('start-limit-hit').
        StartLimitIntervalSec=0

        [Socket]
        Service=\(unit).service
        # The daemon knows what a listener is for by this name alone.
        FileDescriptorName=admin
        \(adminAddress)
        IPAddressDeny=any
        IPAddressAllow=localhost
        # As in \(unit).socket.
        TriggerLimitIntervalSec=0

        [Install]
        # Not by sockets.target: it would then come up at a boot where \(unit).socket is disabled.
        WantedBy=\(unit).socket \(unit).service

        """
    }
}
