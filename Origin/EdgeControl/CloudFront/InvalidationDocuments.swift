internal import Catalog
internal import HTTPWire
internal import XML

extension Invalidation {
    static let namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"

    var status: String { completedAt == nil ? "InProgress" : "Completed" }

    /// The answer to `CreateInvalidation` and `GetInvalidation`.
    var document: XMLDocument {
        var document = XMLDocument()
        document.element("Invalidation", namespace: Self.namespace) { root in
            summarise(into: &root)
            root.element("InvalidationBatch") { batch in
                batch.element("Paths") { list in
                    list.element("Quantity", "\(paths.count)")
                    list.element("Items") { items in
                        for path in paths { items.element("Path", path) }
                    }
                }
                batch.element("CallerReference", callerReference)
            }
        }
        return document
    }

    /// The answer to `ListInvalidations`.
    static func list(
        _ invalidations: [Invalidation], marker: String, maximum: Int, isTruncated: Bool
    ) -> XMLDocument {
        var document = XMLDocument()
        document.element("InvalidationList", namespace: namespace) { root in
            root.element("Marker", marker)
            if isTruncated, let last = invalidations.last { root.element("NextMarker", last.id) }
            root.element("MaxItems", "\(maximum)")
            root.element("IsTruncated", isTruncated ? "true" : "false")
            root.element("Quantity", "\(invalidations.count)")
            root.element("Items") { items in
                for invalidation in invalidations {
                    items.element("InvalidationSummary") { invalidation.summarise(into: &$0) }
                }
            }
        }
        return document
    }

    private func summarise(into element: inout XMLDocument) {
        element.element("Id", id)
        element.element("Status", status)
        element.element("CreateTime", ISO8601.extended(milliseconds: createdAt))
    }
}
