internal import HTTPWire
internal import XML

/// The tags of an object: at most ten names, each with a value.
struct ObjectTags: Sendable, Equatable {
    private static let maximumCount = 10
    private static let maximumNameCharacters = 128
    private static let maximumValueCharacters = 256

    let values: [String: String]

    /// No tags.
    init() { values = [:] }

    /// Reads `x-amz-tagging`, which is written like a query; without the field there are none.
    init(_ headers: Headers) throws(S3Error) {
        guard let query = Query(headers.first("x-amz-tagging") ?? "", plusIsSpace: true) else {
            throw .invalidArgument("The header 'x-amz-tagging' must be encoded like a URL's query.")
        }
        try self.init(query.items.map { ($0.name, $0.value ?? "") })
    }

    /// Reads the document of `?tagging`, and of a form's field `tagging`.
    init(_ root: XMLElement) throws(S3Error) {
        guard root.name == "Tagging", let set = root.first("TagSet") else {
            throw .malformedXML("the root is not Tagging with a TagSet")
        }
        var pairs: [(String, String)] = []
        for tag in set.all("Tag") {
            guard let name = tag.first("Key"), let value = tag.first("Value") else {
                throw .malformedXML("a Tag needs a Key and a Value")
            }
            pairs.append((name.text, value.text))
        }
        try self.init(pairs)
    }

    private init(_ pairs: [(name: String, value: String)]) throws(S3Error) {
        guard pairs.count <= Self.maximumCount else {
            throw S3Error("BadRequest", 400, "Object tags cannot be greater than \(Self.maximumCount)")
        }
        var values: [String: String] = [:]
        for (name, value) in pairs {
            guard (1...Self.maximumNameCharacters).contains(name.unicodeScalars.count), !name.hasPrefix("aws:") else {
                throw Self.invalid("The TagKey you have provided is invalid")
            }
            guard value.unicodeScalars.count <= Self.maximumValueCharacters else {
                throw Self.invalid("The TagValue you have provided is invalid")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Self.invalid("Cannot provide multiple Tags with the same key")
            }
        }
        self.values = values
    }

    /// What is answered for tags that are stored.
    static func document(_ values: [String: String]) -> XMLDocument {
        var document = XMLDocument()
        document.element("Tagging", namespace: S3Gateway.namespace) { document in
            document.element("TagSet") { document in
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    document.element("Tag") { document in
                        document.element("Key", name)
                        document.element("Value", value)
                    }
                }
            }
        }
        return document
    }

    private static func invalid(_ message: String) -> S3Error { S3Error("InvalidTag", 400, message) }
}
