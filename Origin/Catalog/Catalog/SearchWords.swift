internal import Bytes

/// What somebody types into a search, as words that FTS5 is asked for and never as its syntax.
struct SearchWords: Equatable {
    /// More than these are ignored: each is an index to walk.
    private static let limit = 10

    /// How well a video fits, best first; within one, the newest first. No fit needs a look at all that match, so the first
    /// page of a common word costs as little as that of a rare one.
    enum Fit: Int, CaseIterable {
        /// The title has the words in a row.
        case titleInARow
        /// The title has all words.
        case title
        /// Title and description together have them.
        case anywhere
    }

    private let words: [String]
    /// What makes the last word the beginning of one. A single letter is a whole word: half the library begins with it.
    private let ending: String

    /// Nil when there is nothing to search for.
    init?(_ text: String) {
        words = text.split { $0.isWhitespace || $0 == "\0" }.map(String.init)
            .filter { $0.unicodeScalars.contains(where: Self.isWord) }.prefix(Self.limit).map { $0 }
        guard let last = words.last else { return nil }
        ending = last.utf8.count == 1 ? "" : "*"
    }

    /// The fits that differ: one word is always in a row.
    var fits: [Fit] { words.count == 1 ? [.titleInARow, .anywhere] : Fit.allCases }

    /// The query for what fits exactly so, within `audience`.
    func query(_ fit: Fit, audience: String?) -> String {
        let all = words.map(Self.quoted).joined(separator: " ") + ending
        let row = "title : \(Self.quoted(words.joined(separator: " ")))\(ending)"
        let title = "title : (\(all))"
        let expression =
            switch fit {
            case .titleInARow: row
            case .title: "(\(title)) NOT (\(row))"
            case .anywhere: "({title description} : (\(all))) NOT (\(title))"
            }
        return Self.within(audience, expression)
    }

    /// The query for whatever fits, within `audience`.
    func query(audience: String?) -> String {
        Self.within(audience, "{title description} : (\(words.map(Self.quoted).joined(separator: " "))\(ending))")
    }

    private static func within(_ audience: String?, _ expression: String) -> String {
        audience.map { "(\(expression)) AND (\($0))" } ?? expression
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append("\"") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Letters and figures of any script, as the tokenizer has them.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }
}

extension VideoQuery {
    /// What a search is held to, in FTS5's language; nil for administrators, who see everything.
    var searchAudience: String? {
        guard let channel = ownerId.map(Self.word) else {
            switch audience {
            case .everyone: return "audience : \"everyone\""
            case .account(let id): return "audience : (\"everyone\" OR \(Self.word(of: id)))"
            case .administrator: return nil
            }
        }
        return showsUnlisted(of: ownerId) ? "audience : \(channel)" : "audience : (\(channel) AND \"everyone\")"
    }

    /// As the column `audience` spells an owner.
    private static func word(of ownerId: String) -> String {
        "\"o\(Hex.encode(Array(ownerId.utf8)))\""
    }
}
