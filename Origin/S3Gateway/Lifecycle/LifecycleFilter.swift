internal import Bytes
internal import Catalog
internal import XML

/// Which objects a rule is for: all of what is named must hold.
struct LifecycleFilter: Equatable, Sendable {
    private(set) var prefix = ""
    private(set) var tags: [String: String] = [:]
    /// Bytes that an object must have more than.
    private(set) var largerThan: Int64?
    /// Bytes that an object must have less than.
    private(set) var smallerThan: Int64?

    /// Whether keys alone decide.
    var isPrefixAlone: Bool { tags.isEmpty && largerThan == nil && smallerThan == nil }

    /// Reads `Filter`, or the `Prefix` that stood in its place in older documents.
    init(rule: XMLElement) throws(S3Error) {
        guard let filter = rule.first("Filter") else {
            guard let prefix = rule.first("Prefix") else { throw .malformedXML("a rule needs a Filter") }
            self.prefix = prefix.text
            return
        }
        guard rule.first("Prefix") == nil else { throw .malformedXML("a rule has both a Filter and a Prefix") }
        guard filter.children.count <= 1 else {
            throw .malformedXML("several conditions of a Filter stand in an And")
        }
        let and = filter.first("And")
        for condition in (and ?? filter).children { try add(condition) }
    }

    /// Whether the rule is for an object; `tags` are those it has.
    func holds(_ object: StoredObject, tags own: [String: String]) -> Bool {
        object.key.utf8.starts(with: prefix.utf8) && tags.allSatisfy { own[$0.key] == $0.value }
            && object.size > largerThan ?? -1 && object.size < smallerThan ?? .max
    }

    private mutating func add(_ condition: XMLElement) throws(S3Error) {
        switch condition.name {
        case "Prefix": prefix = condition.text
        case "Tag":
            guard let name = condition.first("Key")?.text, let value = condition.first("Value")?.text else {
                throw .malformedXML("a Tag needs a Key and a Value")
            }
            guard tags.updateValue(value, forKey: name) == nil else {
                throw .invalidRequest("Duplicate Tag Keys are not allowed.")
            }
        case "ObjectSizeGreaterThan": largerThan = try Self.bytes(condition)
        case "ObjectSizeLessThan": smallerThan = try Self.bytes(condition)
        default: throw .malformedXML("'\(condition.name)' is no condition of a Filter")
        }
    }

    private static func bytes(_ element: XMLElement) throws(S3Error) -> Int64 {
        guard let value = ASCII.parseDecimal(ASCII.trimmed(element.text)), let bytes = Int64(exactly: value) else {
            throw .malformedXML("\(element.name) is no number of bytes")
        }
        return bytes
    }

    func write(to document: inout XMLDocument) {
        let count = tags.count + (largerThan == nil ? 0 : 1) + (smallerThan == nil ? 0 : 1)
        if count == 0 { document.element("Prefix", prefix) }
        if count == 1, prefix.isEmpty { writeConditions(to: &document) }
        guard count > 1 || count == 1 && !prefix.isEmpty else { return }
        document.element("And") { document in
            if !prefix.isEmpty { document.element("Prefix", prefix) }
            writeConditions(to: &document)
        }
    }

    private func writeConditions(to document: inout XMLDocument) {
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            document.element("Tag") { document in
                document.element("Key", name)
                document.element("Value", value)
            }
        }
        if let largerThan { document.element("ObjectSizeGreaterThan", "\(largerThan)") }
        if let smallerThan { document.element("ObjectSizeLessThan", "\(smallerThan)") }
    }
}
