import Bytes

/// How far an edge has come in its origin's control log.
///
/// On disk it is one line, `LOG SEQUENCE`, beside the cache it speaks of: whoever takes the cache away takes it along.
struct LogPosition: Sendable, Equatable {
    /// Which log; drawn by the origin.
    var logId: String
    /// Everything up to here is carried out.
    var sequence: Int64

    init(logId: String, sequence: Int64) {
        self.logId = logId
        self.sequence = sequence
    }

    /// nil for anything but what `line` writes.
    init?(line: [UInt8]) {
        let parts = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let sequence = ASCII.parseDecimal(String(parts[1])).flatMap({ Int64(exactly: $0) })
        else { return nil }
        self.init(logId: String(parts[0]), sequence: sequence)
    }

    var line: [UInt8] { Array("\(logId) \(sequence)\n".utf8) }
}
