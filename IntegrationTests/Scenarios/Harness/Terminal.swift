import Foundation
import Glibc
import HarnessReport
import Synchronization

/// Standard output, with a line that lives where it is a terminal.
final class Terminal: Sendable {
    private struct State {
        var renderer: ProgressRenderer
        var activity: String?
        var started = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let ticker: Mutex<Task<Void, Never>?> = Mutex(nil)

    init() {
        state = Mutex(State(renderer: ProgressRenderer(style: Self.style())))
        guard case .terminal = Self.style() else { return }
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(100))
                self?.tick()
            }
        }
        ticker.withLock { $0 = task }
    }

    /// Shows what the harness is doing, until the next activity, event or message.
    func activity(_ text: String) {
        state.withLock { state in
            if state.activity == nil { state.started = .now }
            state.activity = text
            write(state.renderer.activity(text, elapsed: Self.elapsed(state)))
        }
    }

    /// Begins an activity whose time counts from now. Where there is no live line, it is a line of its own.
    func begin(_ text: String) {
        state.withLock { state in
            state.activity = text
            state.started = .now
            if state.renderer.style == .plain { write(state.renderer.message(text + " …")) }
            write(state.renderer.activity(text, elapsed: 0))
        }
    }

    /// Shows an event.
    func show(_ event: Event) {
        state.withLock { state in
            state.activity = nil
            if case .scenarioStarted = event { state.started = .now }
            write(state.renderer.render(event))
        }
    }

    /// Writes a line that stays.
    func message(_ text: String) {
        state.withLock { write($0.renderer.message(text)) }
    }

    /// Removes the live line.
    func finish() {
        ticker.withLock { $0?.cancel() }
        state.withLock { state in
            state.activity = nil
            write(state.renderer.clear())
        }
    }

    private func tick() {
        state.withLock { state in
            let elapsed = Self.elapsed(state)
            if let activity = state.activity {
                write(state.renderer.activity(activity, elapsed: elapsed))
            } else {
                write(state.renderer.tick(elapsed: elapsed))
            }
        }
    }

    private static func elapsed(_ state: State) -> Double { (ContinuousClock.now - state.started) / .seconds(1) }

    private func write(_ text: String) {
        if !text.isEmpty { Output.write(text) }
    }

    /// A live line needs a terminal that can move its cursor; colours go when `NO_COLOR` is set (no-color.org).
    private static func style() -> ProgressRenderer.Style {
        let environment = ProcessInfo.processInfo.environment
        guard isatty(STDOUT_FILENO) == 1, environment["TERM"] != "dumb", environment["CI"] == nil else { return .plain }
        var size = winsize()
        let known = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let colours = (environment["NO_COLOR"] ?? "").isEmpty
        return .terminal(columns: known ? Int(size.ws_col) : 80, colours: colours)
    }
}
