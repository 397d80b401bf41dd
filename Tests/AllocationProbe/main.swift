import CAllocations
import Glibc
import Greeting
import HTTPEndpoints
import HTTPServer

// Counts what a request allocates in the server, on a connection that is kept: a line for each kind of request. Fails
// where one allocates more than it did, and where nothing is counted or answered as it should be: what is measured then is
// not what its line says.
//
// The client is this thread, whose allocations are not counted; the server has one event loop, with a thread of its own.

struct Nobody: ServerObserver {}

/// A listening socket on a free port of the loopback, and a client of it.
func connectedPair() -> (listener: CInt, client: CInt) {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    let isReady = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
                && connect(client, $0, length) == 0
        }
    }
    guard isReady else { fatalError("no sockets: \(String(cString: strerror(errno)))") }
    return (listener, client)
}

/// Sends a request so many times, each after the answer to the one before. Returns what the server allocated, or nil if an
/// answer has another status line.
func allocations(of request: [UInt8], times: Int, on client: CInt, answeredBy statusLine: [UInt8]) -> Int? {
    let answer = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 1)
    defer { answer.deallocate() }
    let before = allocations_count()
    for _ in 0..<times {
        guard send(client, request, request.count, 0) == request.count,
            recv(client, answer, 65536, 0) >= statusLine.count,
            memcmp(answer, statusLine, statusLine.count) == 0
        else { return nil }
    }
    return allocations_count() - before
}

allocations_ignore_this_thread()

func endpoints(delay: Duration) -> [Endpoint] {
    var settings = GreetingSettings()
    settings.delay = delay
    return greetingEndpoints(settings)
}

let service = EndpointService(
    endpoints(delay: .zero),
    parts: EndpointService.Parts(description: APIDescription(title: "probe", version: "0"))
)
let loops = try EpollLoop.start(1)
let server = HTTPServer(
    loops: loops,
    settings: HTTPServer.Settings(),
    maxConnections: 8,
    responder: service,
    observer: Nobody()
)
let (listener, client) = connectedPair()
try await server.serve(HTTPServer.Listener(name: "http", descriptor: listener, isTCP: true))

/// What each kind of request may allocate, as released and without optimisation. As released, that is what has to be
/// held of it and nothing else: its head; and where it waits, its place in the connection, its timer, and what the timer
/// does. Fewer are welcome: change the number. More need a reason.
#if DEBUG
    let pinned = ["immediate": 10, "waiting": 24, "named": 51, "unknown": 39, "items": 52, "parts": 28]
#else
    let pinned = ["immediate": 1, "waiting": 4, "named": 20, "unknown": 2, "items": 21, "parts": 5]
#endif

let times = 1000
let requests = [
    ("immediate", "/", 0, "200 OK"), ("waiting", "/", 1, "200 OK"), ("named", "/hello/a", 0, "200 OK"),
    ("unknown", "/nowhere", 0, "404 Not Found"),
    // What nobody declared costs no memory, however much there is of it.
    ("items", "/hello/a?" + String(repeating: "a&", count: 2000), 0, "200 OK"),
    ("parts", "/hello/" + String(repeating: "a/", count: 2000), 0, "404 Not Found"),
]
var isWrong = false
for (name, target, delay, status) in requests {
    service.update(endpoints(delay: .milliseconds(delay)))
    let request = Array("GET \(target) HTTP/1.1\r\nHost: a\r\nUser-Agent: probe\r\nAccept: */*\r\n\r\n".utf8)
    // The first ones make what is made once.
    let statusLine = Array("HTTP/1.1 \(status)\r\n".utf8)
    guard allocations(of: request, times: 100, on: client, answeredBy: statusLine) != nil,
        let count = allocations(of: request, times: times, on: client, answeredBy: statusLine)
    else {
        print("\(name): not answered with \(status)")
        isWrong = true
        continue
    }
    // Rounded: a date line a second, and a timer now and then, are no request's.
    let each = (count + times / 2) / times
    let limit = pinned[name] ?? 0
    print("\(name): \(each) allocations a request, of \(limit) allowed")
    // Not one is too few: as long as one is pinned for it, the counting itself is broken.
    if each > limit || each == 0 && limit > 0 { isWrong = true }
}
exit(isWrong ? 1 : 0)
