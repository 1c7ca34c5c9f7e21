import EventLoop
import HTTPClient
import Synchronization
import TopView

/// `weir top` on a terminal: draws anew every interval, and at once when the terminal changes its size.
struct TopScreen {
    /// How long a change of size or a signal may go unnoticed.
    private static let glanceMilliseconds: Int32 = 200
    private static let controlC: UInt8 = 3
    private static let escape: UInt8 = 27

    private let watched: WatchedEdge
    private let interval: Duration

    init(_ watched: WatchedEdge, interval: Duration) {
        self.watched = watched
        self.interval = interval
    }

    func run() async throws {
        Signals.block([.terminate, .interrupt])
        let loop = watched.connection.client.loop
        let signals = try await SignalWatcher.signals([.terminate, .interrupt], on: loop)
        let isEnding = Flag()
        let watcher = Task {
            for await _ in signals {
                isEnding.raise()
                break
            }
        }
        defer { watcher.cancel() }
        let screen = TerminalScreen()
        screen.open()
        defer { screen.close() }
        try await show(on: screen, until: isEnding)
    }

    private func show(on screen: TerminalScreen, until isEnding: Flag) async throws {
        var old = try await watched.sample()
        var new = old
        var isPaused = false
        var drawn = TerminalScreen.size
        draw(from: old, to: new, isPaused, on: screen)
        var next = ContinuousClock.now + .seconds(1)
        while !isEnding.isRaised {
            switch screen.key(within: Self.glanceMilliseconds) {
            case UInt8(ascii: "q"), UInt8(ascii: "Q"), Self.controlC, Self.escape: return
            case UInt8(ascii: "p"), UInt8(ascii: " "):
                isPaused.toggle()
                drawn = nil
            default: break
            }
            if !isPaused, ContinuousClock.now >= next {
                (old, new) = (new, try await watched.sample())
                next = ContinuousClock.now + interval
                drawn = nil
            }
            let size = TerminalScreen.size
            if drawn == nil || size.map({ $0 != drawn ?? (0, 0) }) ?? false {
                draw(from: old, to: new, isPaused, on: screen)
                drawn = size
            }
        }
    }

    private func draw(from old: TopSample, to new: TopSample, _ isPaused: Bool, on screen: TerminalScreen) {
        let (columns, rows) = TerminalScreen.size ?? (80, 24)
        let frame = TopFrame(
            from: old, to: new, address: watched.edge.base + (isPaused ? "  paused" : ""), width: columns,
            hasColours: TopCommand.hasColours)
        screen.draw(frame.lines(height: rows).map { $0 })
    }
}

/// Raised once, by whoever.
private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }

    func raise() { state.store(true, ordering: .relaxed) }
}
