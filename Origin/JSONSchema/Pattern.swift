internal import Synchronization

/// A `pattern`: an expression as ECMA-262 has it, somewhere in the text unless it is anchored, over Unicode scalars.
final class Pattern: Sendable {
    /// The expression.
    let text: String
    // A Regex is compiled when it is first used, which no two threads may do at once.
    private let expression: Mutex<Regex<AnyRegexOutput>>

    /// Compiles it; nil when it is none.
    init?(_ text: String) {
        guard let expression = try? Regex(text) else { return nil }
        self.text = text
        self.expression = Mutex(expression.matchingSemantics(.unicodeScalar))
    }

    /// Whether some part of `candidate` fits.
    func matches(_ candidate: String) -> Bool {
        expression.withLock { (try? $0.firstMatch(in: candidate)) != nil }
    }
}
