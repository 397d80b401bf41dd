import JournalLogging

/// The kinds of event that the daemon logs, each with the `MESSAGE_ID` by which the journal and the message catalogue
/// know it. An identifier never changes its meaning.
enum Event: String, CaseIterable {
    case ready = "957a281ee5784328b08bc21a2d954b59"
    case leaving = "7d2243a5e8df41ff83647605ec6594a1"
    case stopping = "a0138149d36c4c9f9a174acf36b28539"
    case stopped = "85f3edb7488f44268299d784e02b3824"
    case drainExpired = "f13defa532c44d4e8c96728dc1555b26"
    case reloaded = "563c4b4b347e4f93a373713d5f6fd95e"
    case reloadFailed = "75c26627b9d94501998284b720e004f4"
    case configurationInvalid = "65fe8e3b70bc415887da353e4d2e6f89"
    case socketUnusable = "44e14d0e839b4873a4b115478811dd2e"
    case usageError = "17704203c9264fb18760b09e35531768"
    case request = "9ef63079107f4413b5f30449b950ad25"
    case requestRejected = "789645a3460143c4ab3767bf30ad218f"
    case acceptPaused = "3e866970da7d4ccb89ad454d7ee54e0c"
    case acceptResumed = "d7f68cbba0384e40a6e62eb71f4d82bf"
    case eventLoopStuck = "1813e1cbc90841f09024e4acadfadfd9"
    case logRecordsDropped = "d3f0d9ee1835430989c64a067bd0d16a"
    case notifyFailed = "abc85ad012894a358b3e3aeb60fd8190"
    case listenIgnored = "8d94f3dfa87d4fb08ac5d24fc854dd5c"
    case idleExit = "3490a653f6774be6a05c5c05e0c94b3b"
    case takenUp = "d043e6f8330d4fcb8d3f2a7c2bb712bf"
    case handedOver = "4dc1e18df4e3463899f641d815e6a91a"
    case handOverFailed = "6d6a017c6e2a465d9b5898d785b18ee3"
    case handOverTakenBack = "a1370cfe6e804e5da3d74381cd63945f"
    case connectionsWait = "74fd8bd36a2d477cb165cc02c48e9ae4"
    case listenersFailed = "67d3b6cae4464b11a1358c2182c4f679"
    case connectionOpened = "20f45413e0be440e85bebc87dac25dfb"
    case connectionClosed = "c9c5a0547bb04960b151e51136395c61"
    case reloadCompared = "d5c9f52ab1b242a5960a87e8f51abe3f"
    case handOverStep = "da89ed5dbb7c4226ab50425cfadc9091"
    case serverFailed = "fe07eb8f233b4c74af91305ccb57744a"
    case serviceFailed = "8c2f6a3f0b2d4e0c9a5c3f7e61d4b892"
    case startFailed = "be9b469ede644c7bb2b1570e8d3a79c6"
    case requestFailed = "b47e15e077974220b44253abf1ec370d"
    case variableIgnored = "7e95a86e3e2c47b8b650533978aca863"
    case socketsMisaddressed = "505f8b52c8264b40894750e6ef54bcca"
    case noSocketPassed = "755b9e72df6b4619a9bd74a0416a9e33"
    case idleExitIgnored = "b1a10334c1414f04ae80ce693fa00aa0"

    /// The identifier as the journal carries it.
    var messageID: MessageID { Self.messageIDs[self] ?? LogPipeline.droppedMessageID }

    /// Read once, since every request has one.
    private static let messageIDs = Dictionary(
        uniqueKeysWithValues: allCases.compactMap { event in MessageID(event.rawValue).map { (event, $0) } }
    )
}
