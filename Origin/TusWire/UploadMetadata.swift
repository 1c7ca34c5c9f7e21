internal import Bytes

/// `Upload-Metadata`: pairs of a name and a value in base64, such as `filename ZmlsbS5tcDQ=,is_private`.
public struct UploadMetadata: Sendable, Equatable {
    /// How many pairs there may be (64).
    public static let maximumPairs = 64

    private var values: [String: [UInt8]] = [:]

    /// The names, in alphabetical order.
    public var names: [String] { values.keys.sorted() }

    /// Reads the field; an empty one has no pairs. A name may stand alone, and has an empty value then.
    public init(_ text: String) throws(TusSyntaxError) {
        guard !ASCII.trimmed(text).isEmpty else { return }
        let pairs = text.split(separator: ",", omittingEmptySubsequences: false)
        guard pairs.count <= Self.maximumPairs else {
            throw TusSyntaxError("has more than \(Self.maximumPairs) pairs.")
        }
        for pair in pairs {
            let words = ASCII.trimmed(pair).split(separator: " ", omittingEmptySubsequences: false)
            guard let name = words.first, !name.isEmpty, words.count <= 2,
                name.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
            else { throw TusSyntaxError("has a pair that is no name with a value.") }
            guard let value = words.count == 2 ? Base64.decode(String(words[1])) : [] else {
                throw TusSyntaxError("has a value that is not base64: \(name).")
            }
            guard values.updateValue(value, forKey: String(name)) == nil else {
                throw TusSyntaxError("names \(name) twice.")
            }
        }
    }

    /// The bytes under a name; nil without it.
    public subscript(name: String) -> [UInt8]? { values[name] }

    /// The text under the first of some names that is there; throws when it is not UTF-8.
    public func text(_ names: String...) throws(TusSyntaxError) -> String? {
        for name in names {
            guard let value = values[name] else { continue }
            guard let text = String(validating: value, as: UTF8.self) else {
                throw TusSyntaxError("has a value that is not UTF-8: \(name).")
            }
            return text
        }
        return nil
    }
}
