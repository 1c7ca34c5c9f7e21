import Conformance
import Testing

/// A fault planted in a film that has none, and the rules by whose numbers it must be found: these and no others.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let rules: [String]
    let plant: @Sendable (inout Film) -> Void

    init(_ name: String, _ rules: String..., plant: @escaping @Sendable (inout Film) -> Void) {
        self.name = name
        self.rules = rules.sorted()
        self.plant = plant
    }

    var testDescription: String { name }

    /// The film with other rungs.
    static func rungs(_ change: (inout [Film.Rung]) -> Void) -> Film {
        var rungs = Film.rungs
        change(&rungs)
        return Film(rungs: rungs)
    }
}
