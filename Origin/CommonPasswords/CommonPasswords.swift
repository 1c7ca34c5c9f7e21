/// The passwords that are tried first, of eight characters and more.
public enum CommonPasswords {
    /// Whether it is one of them, in whatever case.
    public static func contains(_ password: String) -> Bool {
        contains(Array(password.lowercased().utf8), in: PackageResources.passwords_txt)
    }

    /// Searches `text`, lines sorted by their bytes, each of which ends in a line feed.
    static func contains(_ word: [UInt8], in text: [UInt8]) -> Bool {
        let lineFeed = UInt8(ascii: "\n")
        // Both are where a line begins, or the end.
        var (lower, upper) = (0, text.count)
        while lower < upper {
            var start = lower + (upper - lower) / 2
            while start > lower, text[start - 1] != lineFeed { start -= 1 }
            guard let end = text[start..<upper].firstIndex(of: lineFeed) else { return false }
            let line = text[start..<end]
            if line.elementsEqual(word) { return true }
            if line.lexicographicallyPrecedes(word) { lower = end + 1 } else { upper = start }
        }
        return false
    }
}
