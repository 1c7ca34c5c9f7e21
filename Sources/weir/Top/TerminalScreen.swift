import Glibc

/// The terminal as a screen that is drawn on and read keys from, until it is given back.
///
/// Not `Sendable`: the settings of the terminal are the process's, and one screen has them at a time.
final class TerminalScreen {
    private var saved = termios()
    private var isOpen = false

    /// Columns and rows; `nil` when standard output is no terminal.
    static var size: (columns: Int, rows: Int)? {
        // A `winsize`: rows, columns, and two that nobody uses.
        var size: (rows: UInt16, columns: UInt16, UInt16, UInt16) = (0, 0, 0, 0)
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.columns > 0, size.rows > 0 else { return nil }
        return (Int(size.columns), Int(size.rows))
    }

    /// Takes the terminal: a screen of its own, no cursor, keys as they are pressed. Signals of keys become keys.
    func open() {
        guard tcgetattr(0, &saved) == 0 else { return }
        isOpen = true
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        tcsetattr(0, TCSAFLUSH, &raw)
        write("\u{1b}[?1049h\u{1b}[?25l")
    }

    /// Gives the terminal back as it was.
    func close() {
        guard isOpen else { return }
        isOpen = false
        write("\u{1b}[?25h\u{1b}[?1049l")
        tcsetattr(0, TCSAFLUSH, &saved)
    }

    deinit { close() }

    /// Draws over what is there, line by line, so that nothing flickers.
    func draw(_ lines: [String]) {
        write("\u{1b}[H" + lines.map { "\($0)\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J")
    }

    /// The next key, if one is pressed before `milliseconds` are over. A terminal that has gone away is a `q`.
    func key(within milliseconds: Int32) -> UInt8? {
        var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var byte: UInt8 = 0
        return read(0, &byte, 1) == 1 ? byte : UInt8(ascii: "q")
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
