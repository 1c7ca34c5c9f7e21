internal import Archive
internal import Bytes
internal import XML

/// What is asked for with `?restore`: for how many days an archived object is to be where objects are read.
struct RestoreRequest: Sendable, Equatable {
    private static let tiers: Set<String> = ["Standard", "Bulk", "Expedited"]

    let days: Int

    /// Reads the document. A tier is checked and changes nothing: there is one way back.
    init(_ root: XMLElement) throws(S3Error) {
        guard root.name == "RestoreRequest" else { throw .malformedXML("the root is not RestoreRequest") }
        for name in ["Type", "SelectParameters", "OutputLocation"] where root.first(name) != nil {
            throw .notImplemented("\(name) of a restore")
        }
        guard let text = root.first("Days")?.text else { throw .malformedXML("a RestoreRequest needs Days") }
        guard let days = ASCII.parseDecimal(text).flatMap({ Int(exactly: $0) }), SourceRestores.days.contains(days)
        else {
            throw .invalidArgument(
                "Days must be an integer from \(SourceRestores.days.lowerBound) to \(SourceRestores.days.upperBound).")
        }
        let tier = (root.first("Tier") ?? root.first("GlacierJobParameters")?.first("Tier"))?.text
        guard tier.map(Self.tiers.contains) ?? true else {
            throw .malformedXML("a Tier is Standard, Bulk or Expedited")
        }
        self.days = days
    }
}
