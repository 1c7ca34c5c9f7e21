internal import HTTPWire

/// The moment of a signature: `20261121T030000Z` and the seconds since 1970 it stands for.
struct SigV4Timestamp: Equatable {
    let text: String
    let epochSeconds: Int64

    /// The first eight characters.
    var day: String { String(text.prefix(8)) }

    init(epochSeconds: Int64) {
        self.epochSeconds = epochSeconds
        text = ISO8601.basic(epochSeconds)
    }

    /// Reads the basic form and refuses every other.
    init?(_ text: String) {
        guard text.utf8.count == 16, let epochSeconds = ISO8601.parse(text) else { return nil }
        self.text = text
        self.epochSeconds = epochSeconds
    }
}
