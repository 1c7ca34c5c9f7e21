/// Keys that share what lies before a delimiter are listed as one common prefix, a folder of a million of them in one step.
struct KeyFolding: Sendable {
    let prefix: String
    /// Empty: every key is listed itself.
    let delimiter: String

    /// What a key is folded into; nil for one that is listed itself.
    func commonPrefix(of key: String) -> String? {
        guard !delimiter.isEmpty, key.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = Array(key.utf8.dropFirst(prefix.utf8.count))
        let mark = Array(delimiter.utf8)
        guard rest.count >= mark.count else { return nil }
        for index in 0...(rest.count - mark.count) where rest[index..<index + mark.count].elementsEqual(mark) {
            return prefix + String(decoding: rest[..<(index + mark.count)], as: UTF8.self)
        }
        return nil
    }

    /// Whether a page that ended with `marker` ended with a common prefix.
    func isCommonPrefix(_ marker: String) -> Bool {
        commonPrefix(of: marker).map { $0.utf8.elementsEqual(marker.utf8) } ?? false
    }

    /// What all keys that begin with `prefix` sort before: U+10FFFF comes after every character a key can go on with.
    static func end(of prefix: String) -> String { prefix + "\u{10FFFF}" }
}
