import Daemon
import JSON

/// The options of a command about videos or jobs: where the origin is, what is asked for, and how it is shown.
struct LibraryOptions {
    private static let usualLimit = 50
    private static let largestLimit = 100_000

    /// All of them, for `OriginSession`.
    let words: CommandOptions

    /// - Throws: `UsageError` also when there are fewer or more operands than it takes, which are ids.
    init(
        _ words: [String], _ values: Set<String> = [], flags: Set<String> = [], operands: ClosedRange<Int> = 1...1
    ) throws(UsageError) {
        self.words = try CommandOptions(words, values: values.union(OriginSession.optionNames), flags: flags)
        guard self.words.operands.count >= operands.lowerBound else { throw UsageError("say which; list shows them") }
        if let stray = self.words.operands.dropFirst(operands.upperBound).first {
            throw UsageError("unexpected \(stray)")
        }
    }

    subscript(_ name: String) -> String? { words[name] }
    var flags: Set<String> { words.flags }
    var operands: [String] { words.operands }

    /// How many items of a list are shown.
    var limit: Int {
        get throws(UsageError) {
            guard let text = words["--limit"] else { return Self.usualLimit }
            guard let limit = Int(text), (1...Self.largestLimit).contains(limit) else {
                throw UsageError("--limit \(text): expected 1 to \(Self.largestLimit)")
            }
            return limit
        }
    }

    /// Prints an answer: as it came with `--json`, otherwise as a table.
    func show(_ answer: JSONValue, as table: TextTable) {
        guard flags.contains("--json") else { return Terminal.output(table.text) }
        Terminal.output(String(decoding: answer.serialized(pretty: true), as: UTF8.self) + "\n")
    }
}
