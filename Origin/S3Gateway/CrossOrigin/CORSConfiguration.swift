internal import Bytes
internal import Catalog
internal import XML

/// Which pages may use a bucket; rules in order, the first that fits counts.
struct CORSConfiguration: BucketSetting, Equatable {
    /// One rule.
    struct Rule: Equatable {
        var id: String?
        var origins: [String]
        var methods: [String]
        var headers: [String] = []
        var exposed: [String] = []
        /// Seconds that a browser may remember it; nil for as long as it likes.
        var maxAgeSeconds: Int?
    }

    static let kind = BucketDocument.cors
    static let subresource = BucketSubresource.cors
    static let methods: Set<String> = ["GET", "HEAD", "PUT", "POST", "DELETE"]
    private static let maximumRules = 100

    let rules: [Rule]

    init(rules: [Rule]) { self.rules = rules }

    init(_ root: XMLElement) throws(S3Error) {
        guard root.name == "CORSConfiguration" else { throw .malformedXML("the root is not CORSConfiguration") }
        let elements = root.all("CORSRule")
        guard (1...Self.maximumRules).contains(elements.count) else {
            throw .malformedXML("1 to \(Self.maximumRules) rules are possible")
        }
        var rules: [Rule] = []
        for element in elements { rules.append(try Rule(element)) }
        self.rules = rules
    }

    /// The first rule for pages of `origin` that send `method` with these `headers`, which are in lower case.
    func rule(origin: String, method: String, headers: [String] = []) -> Rule? {
        rules.first { rule in
            rule.origin(for: origin) != nil && rule.methods.contains(method)
                && headers.allSatisfy { header in rule.headers.contains { Self.fits(header, ASCII.lowercased($0)) } }
        }
    }

    var document: XMLDocument {
        var document = XMLDocument()
        document.element("CORSConfiguration", namespace: S3Gateway.namespace) { document in
            for rule in rules { document.element("CORSRule") { rule.write(to: &$0) } }
        }
        return document
    }

    /// Whether `text` is what `pattern` says, in which one `*` stands for anything.
    static func fits(_ text: String, _ pattern: String) -> Bool {
        guard let star = pattern.utf8.firstIndex(of: UInt8(ascii: "*")) else { return text == pattern }
        let (head, tail) = (pattern[..<star].utf8, pattern[pattern.utf8.index(after: star)...].utf8)
        return text.utf8.count >= head.count + tail.count && text.utf8.starts(with: head)
            && text.utf8.suffix(tail.count).elementsEqual(tail)
    }
}

extension CORSConfiguration.Rule {
    fileprivate init(_ element: XMLElement) throws(S3Error) {
        func texts(_ name: String) -> [String] { element.all(name).map { ASCII.trimmed($0.text) } }
        self.init(
            id: element.first("ID")?.text, origins: texts("AllowedOrigin"), methods: texts("AllowedMethod"),
            headers: texts("AllowedHeader"), exposed: texts("ExposeHeader"))
        guard !origins.isEmpty, !methods.isEmpty else {
            throw .malformedXML("a rule needs an AllowedOrigin and an AllowedMethod")
        }
        for pattern in origins + headers where pattern.utf8.filter({ $0 == UInt8(ascii: "*") }).count > 1 {
            throw .invalidRequest("'\(pattern)' can not have more than one wildcard.")
        }
        for method in methods where !CORSConfiguration.methods.contains(method) {
            throw .invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
        }
        if let text = element.first("MaxAgeSeconds")?.text {
            guard let seconds = ASCII.parseDecimal(ASCII.trimmed(text)), let value = Int32(exactly: seconds) else {
                throw .malformedXML("MaxAgeSeconds is no number of seconds")
            }
            maxAgeSeconds = Int(value)
        }
    }

    /// What is said to pages of `origin`: that it, or everybody, is let in; nil when the rule is not for it.
    func origin(for origin: String) -> String? {
        if origins.contains("*") { return "*" }
        return origins.contains { CORSConfiguration.fits(origin, $0) } ? origin : nil
    }

    fileprivate func write(to document: inout XMLDocument) {
        if let id { document.element("ID", id) }
        for (name, values) in [
            ("AllowedOrigin", origins), ("AllowedMethod", methods), ("AllowedHeader", headers),
            ("ExposeHeader", exposed),
        ] {
            for value in values { document.element(name, value) }
        }
        if let maxAgeSeconds { document.element("MaxAgeSeconds", "\(maxAgeSeconds)") }
    }
}
