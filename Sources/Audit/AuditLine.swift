internal import Bytes
public import JSON

/// One entry as it is stored and exported.
public struct AuditLine: Sendable, Equatable {
    /// From 1, without gaps.
    public let sequence: Int64
    /// The entry, a JSON object on one line; what the hash is over, byte for byte.
    public let text: String
    /// Hashes this entry and, through the one before, all before it.
    public let hash: [UInt8]

    /// A line as it was stored.
    public init(sequence: Int64, text: String, hash: [UInt8]) {
        self.sequence = sequence
        self.text = text
        self.hash = hash
    }

    /// The line of an export: the entry with its hash as last member.
    public var exported: String { "\(text.dropLast())\(Self.hashName)\(Hex.encode(hash))\"}" }

    /// The id of the key that it says it was written under.
    var keyId: String? { (try? JSONValue.parse(Array(text.utf8)))?["key"]?.string }

    /// Reads a line of an export; nil where it is none.
    public init?(exported line: String) {
        let bytes = Array(line.utf8)
        let name = Array(Self.hashName.utf8)
        let digits = AuditMark.hashBytes * 2
        let textEnd = bytes.count - name.count - digits - 2
        guard textEnd > 0, bytes[textEnd..<textEnd + name.count].elementsEqual(name),
            bytes.suffix(2).elementsEqual("\"}".utf8),
            let hash = Hex.decode(bytes[(textEnd + name.count)...].prefix(digits))
        else { return nil }
        let text = String(decoding: bytes[..<textEnd], as: UTF8.self) + "}"
        guard let sequence = (try? JSONValue.parse(Array(text.utf8)))?["sequence"]?.integer else { return nil }
        self.init(sequence: sequence, text: text, hash: hash)
    }

    /// The exported line as an object; a damaged entry is shown as the text that stands in its place.
    public var document: JSONValue {
        let entry = (try? JSONValue.parse(Array(text.utf8)))?.object
        var object = entry ?? ["sequence": .integer(sequence), "unreadable": .string(text)]
        object["hash"] = .string(Hex.encode(hash))
        return .object(object)
    }

    private static let hashName = ",\"hash\":\""
}
