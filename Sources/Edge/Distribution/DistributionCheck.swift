public import Configuration
import JSON

/// What there is to say about a distribution document on its own, before any edge serves it.
public struct DistributionCheck: Sendable {
    /// Why it would be refused, all of it.
    public let problems: [ConfigurationProblem]
    /// What is valid and most likely not meant.
    public let warnings: [ConfigurationProblem]

    /// Reads the bytes of a document.
    public init(_ bytes: [UInt8]) {
        do {
            warnings = DistributionLint(try Distribution(try JSONValue.parse(bytes))).warnings
            problems = []
        } catch let refused as ConfigurationRefused {
            problems = refused.problems
            warnings = []
        } catch {
            problems = [ConfigurationProblem(path: "$", message: "is not JSON: \(error)")]
            warnings = []
        }
    }
}
