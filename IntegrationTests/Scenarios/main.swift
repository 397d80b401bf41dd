import Foundation
import TestMachine

let result = try await PrivateMachine.with { tree in
    try await tree.write("hello\n", to: "/etc/sysctl.d/x.conf")
} body: { machine in
    print(machine.bootTime, machine.state, machine.name)
    let r = try await machine.run(["sh", "-c", "cat /etc/sysctl.d/x.conf; ps ax; exit 7"]) { print($0, $1) }
    print(r.status)
    print(machine.console)
    return r
}
