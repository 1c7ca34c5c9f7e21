public import Catalog
public import JSON
public import Presentation

/// Documents that came with a plan and are kept word for word.
public enum StoredDocument {
    /// As large as a plan may be, and deep enough for any.
    private static let limits = JSONLimits(maximumBytes: 16 << 20)

    /// Reads one; throws what is wrong with a damaged row.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue { try .parse(text, limits: limits) }
}

extension JobPlan {
    /// The outline; nil when the row is damaged.
    public var presentation: PresentationOutline? {
        (try? StoredDocument.parse(outline)).flatMap(PresentationOutline.init(json:))
    }
}

extension JobUnit {
    /// The unit as it was planned; nil for probe and finish.
    var outline: UnitOutline? { detail.flatMap { try? StoredDocument.parse($0) }.flatMap(UnitOutline.init(json:)) }
}
