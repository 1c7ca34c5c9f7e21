internal import HTTPWire
internal import XML

/// What `CreateInvalidation` asks for.
struct InvalidationBatch: Equatable {
    let callerReference: String
    /// As given.
    let paths: [String]
    /// What they cover, in the same order.
    let items: [InvalidationPath]

    /// Reads the body of the call.
    init(_ body: [UInt8]) throws(CloudFrontError) {
        guard !body.isEmpty else { throw .missingBody }
        let root: XMLElement
        do {
            root = try XMLElement.parse(body)
        } catch {
            throw .malformed("\(error).")
        }
        guard root.name == "InvalidationBatch" else { throw .malformed("its root is \(root.name).") }
        guard let reference = root.first("CallerReference")?.text, !reference.isEmpty else {
            throw .malformed("CallerReference is missing.")
        }
        guard reference.utf8.count <= 256 else { throw .invalid("CallerReference has more than 256 bytes.") }
        guard let list = root.first("Paths") else { throw .malformed("Paths is missing.") }
        let paths = list.first("Items")?.all("Path").map(\.text) ?? []
        guard let quantity = list.first("Quantity").flatMap({ Int($0.text) }), quantity == paths.count else {
            throw CloudFrontError(
                "InconsistentQuantities", .badRequest, "Quantity does not say how many paths there are, \(paths.count)."
            )
        }
        guard !paths.isEmpty else { throw .invalid("There is no path in the batch.") }
        guard paths.count <= InvalidationLimits.paths else { throw .tooLarge }
        var items: [InvalidationPath] = []
        for path in paths { items.append(try InvalidationPath(path)) }
        callerReference = reference
        self.paths = paths
        self.items = items
    }

    /// Paths that end in `*`, of which fewer may be in progress.
    static func wildcards(in paths: [String]) -> Int {
        paths.count { $0.utf8.last == UInt8(ascii: "*") && $0.utf8.first != UInt8(ascii: "#") }
    }
}
