import JSON

/// What the origin answers to an edge that follows its control log.
enum LogAnswer: Equatable {
    /// Orders behind the edge's position, oldest first, and where the log ends; the keys as of that end for an edge that has
    /// none.
    case entries([Entry], end: LogPosition, keys: JSONValue? = nil)
    /// The edge may have missed orders; the log ends here, with these keys.
    case lost(end: LogPosition, keys: JSONValue? = nil)

    struct Entry: Equatable {
        let sequence: Int64
        let order: JSONValue
    }

    /// Why an answer is of no use.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads an answer; whatever is not exactly one is refused, so that no order is skipped by mistake.
    init(status: Int, body: [UInt8]) throws(Refused) {
        guard status == 200 || status == 410 else {
            throw Refused(description: "the origin answers \(status) \(Self.reason(body))")
        }
        let document = try? JSONValue.parse(body)
        guard let document, let logId = document["log"]?.string, !logId.isEmpty, !logId.contains(where: \.isWhitespace),
            let latest = document["latest"]?.integer, latest >= 0
        else { throw Refused(description: "the origin's answer is no control log") }
        let end = LogPosition(logId: logId, sequence: latest)
        guard status == 200 else {
            self = .lost(end: end, keys: document["keys"])
            return
        }
        guard let list = document["entries"]?.array else {
            throw Refused(description: "the origin's answer has no entries")
        }
        var entries: [Entry] = []
        for item in list {
            guard let sequence = item["sequence"]?.integer, let order = item["order"],
                entries.last.map({ sequence == $0.sequence + 1 }) ?? true
            else { throw Refused(description: "the origin's entries are not one after the other") }
            entries.append(Entry(sequence: sequence, order: order))
        }
        self = .entries(entries, end: end, keys: document["keys"])
    }

    private static func reason(_ body: [UInt8]) -> String {
        (try? JSONValue.parse(body))?["error"]?.string ?? ""
    }
}
