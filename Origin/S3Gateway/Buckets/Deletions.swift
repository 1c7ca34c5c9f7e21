internal import Bytes
internal import Catalog
internal import HTTPServer
internal import HTTPWire
internal import XML

/// The body of DeleteObjects: which objects to remove, and whether to tell of those that were.
struct Deletions: Sendable {
    /// One object to remove.
    struct Entry: Sendable {
        let key: String
        /// Why it is not removed, whatever is there; nil when it may be.
        let refusal: S3Error?
    }

    static let maximumEntries = 1_000

    let isQuiet: Bool
    let entries: [Entry]

    init(_ root: XMLElement) throws(S3Error) {
        guard root.name == "Delete" else { throw .malformedXML("the root is not Delete") }
        isQuiet = root.first("Quiet").map { ASCII.equalsIgnoringCase(ASCII.trimmed($0.text), "true") } ?? false
        let objects = root.all("Object")
        guard (1...Deletions.maximumEntries).contains(objects.count) else {
            throw .malformedXML("1 to \(Deletions.maximumEntries) objects may be named")
        }
        var entries: [Entry] = []
        for object in objects {
            guard let key = object.first("Key")?.text, !key.isEmpty else { throw .malformedXML("an object has no Key") }
            entries.append(Entry(key: key, refusal: Deletions.refusal(object)))
        }
        self.entries = entries
    }

    /// What would be left out of account must not be: there is one version, and no condition is looked at.
    private static func refusal(_ object: XMLElement) -> S3Error? {
        if let version = object.first("VersionId"), version.text != "null" {
            return S3Error("NoSuchVersion", 404, "The specified version does not exist.")
        }
        for name in ["ETag", "LastModifiedTime", "Size"] where object.first(name) != nil {
            return .notImplemented("Deleting under the condition '\(name)'")
        }
        return nil
    }

    /// The answer once everything that may be removed is.
    var document: XMLDocument {
        var document = XMLDocument()
        document.element("DeleteResult", namespace: S3Gateway.namespace) { document in
            for entry in entries {
                if let refusal = entry.refusal {
                    document.element("Error") { document in
                        document.element("Key", entry.key)
                        document.element("Code", refusal.code)
                        document.element("Message", refusal.message)
                    }
                } else if !isQuiet {
                    document.element("Deleted") { $0.element("Key", entry.key) }
                }
            }
        }
        return document
    }
}

extension S3Gateway {
    /// `POST /bucket?delete`: all of the objects in one transaction.
    func deleteObjects(in bucket: String, _ request: Request, _ payload: SignedPayload) async throws -> Response {
        let deletions = try Deletions(await readCheckedDocument(request, payload))
        try await catalog.write { transaction in
            for entry in deletions.entries where entry.refusal == nil {
                _ = try transaction.deleteObject(bucket: bucket, key: entry.key)
            }
        }
        return Response(deletions.document)
    }
}
