internal import Bytes
internal import Catalog
internal import HTTPWire
internal import XML

/// When objects of a bucket expire, and uploads in parts that nobody ends.
struct LifecycleConfiguration: BucketSetting, Equatable {
    static let kind = BucketDocument.lifecycle
    static let subresource = BucketSubresource.lifecycle
    private static let maximumRules = 1_000

    let rules: [LifecycleRule]

    init(_ root: XMLElement) throws(S3Error) {
        guard root.name == "LifecycleConfiguration" else {
            throw .malformedXML("the root is not LifecycleConfiguration")
        }
        let elements = root.all("Rule")
        guard (1...Self.maximumRules).contains(elements.count) else {
            throw .malformedXML("1 to \(Self.maximumRules) rules are possible")
        }
        var rules: [LifecycleRule] = []
        for (place, element) in elements.enumerated() {
            let rule = try LifecycleRule(element, place: place)
            guard !rules.contains(where: { $0.id == rule.id }) else {
                throw .invalidArgument("Rule ID must be unique. Found same ID for more than one rule")
            }
            rules.append(rule)
        }
        self.rules = rules
    }

    var document: XMLDocument {
        var document = XMLDocument()
        document.element("LifecycleConfiguration", namespace: S3Gateway.namespace) { document in
            for rule in rules { document.element("Rule") { rule.write(to: &$0) } }
        }
        return document
    }
}

/// One rule: of which objects, and what becomes of them.
struct LifecycleRule: Equatable, Sendable {
    /// When an object is removed.
    enum Expiration: Equatable, Sendable {
        /// At the midnight after so many days since it was stored.
        case days(Int)
        /// From this midnight on, in epoch seconds.
        case date(Int64)
    }

    let id: String
    let isEnabled: Bool
    let filter: LifecycleFilter
    let expiration: Expiration?
    /// Days after its creation at which an upload in parts is given up; nil for no word on it.
    let abortUploadAfterDays: Int?

    private static let millisecondsOfDay: Int64 = 86_400_000
    private static let maximumDays: UInt64 = 36_500

    fileprivate init(_ element: XMLElement, place: Int) throws(S3Error) {
        for name in [
            "Transition", "NoncurrentVersionTransition", "NoncurrentVersionExpiration",
        ] where element.first(name) != nil {
            throw .notImplemented("The lifecycle action '\(name)'")
        }
        let id = element.first("ID").map { ASCII.trimmed($0.text) } ?? ""
        guard id.unicodeScalars.count <= 255 else {
            throw .invalidArgument("ID length should not exceed allowed limit of 255")
        }
        self.id = id.isEmpty ? "rule-\(place + 1)" : id
        switch element.first("Status").map({ ASCII.trimmed($0.text) }) {
        case "Enabled": isEnabled = true
        case "Disabled": isEnabled = false
        default: throw .malformedXML("a rule needs the Status Enabled or Disabled")
        }
        filter = try LifecycleFilter(rule: element)
        expiration = try element.first("Expiration").map { (element) throws(S3Error) in try Self.expiration(element) }
        abortUploadAfterDays = try element.first("AbortIncompleteMultipartUpload").map { (element) throws(S3Error) in
            try Self.days(element.first("DaysAfterInitiation"), "DaysAfterInitiation")
        }
        guard expiration != nil || abortUploadAfterDays != nil else {
            throw .invalidRequest("At least one action needs to be specified in a rule.")
        }
        guard abortUploadAfterDays == nil || filter.isPrefixAlone else {
            throw .invalidRequest("AbortIncompleteMultipartUpload cannot be specified with tags or sizes.")
        }
    }

    /// Whether an object that was stored then is to be removed now; both in epoch milliseconds.
    func expires(createdAt: Int64, now: Int64) -> Bool {
        guard isEnabled else { return false }
        switch expiration {
        case .days(let days): return now >= Self.midnight(days, after: createdAt)
        case .date(let seconds): return now >= seconds * 1_000
        case nil: return false
        }
    }

    /// Whether an upload in parts that began then is to be given up now; both in epoch milliseconds.
    func abortsUpload(createdAt: Int64, now: Int64) -> Bool {
        guard isEnabled, let abortUploadAfterDays else { return false }
        return now >= Self.midnight(abortUploadAfterDays, after: createdAt)
    }

    /// The first midnight when so many days are over.
    private static func midnight(_ days: Int, after time: Int64) -> Int64 {
        let whole = time + Int64(days) * millisecondsOfDay
        return (whole + millisecondsOfDay - 1) / millisecondsOfDay * millisecondsOfDay
    }

    private static func expiration(_ element: XMLElement) throws(S3Error) -> Expiration {
        if element.first("ExpiredObjectDeleteMarker") != nil {
            throw .notImplemented("The lifecycle action 'ExpiredObjectDeleteMarker'")
        }
        guard let date = element.first("Date") else {
            return .days(try days(element.first("Days"), "Days"))
        }
        guard element.first("Days") == nil else { throw .malformedXML("an Expiration has both Days and Date") }
        guard let seconds = ISO8601.parse(ASCII.trimmed(date.text)), seconds % 86_400 == 0 else {
            throw .invalidArgument("'Date' must be at midnight GMT")
        }
        return .date(seconds)
    }

    private static func days(_ element: XMLElement?, _ name: String) throws(S3Error) -> Int {
        guard let days = element.flatMap({ ASCII.parseDecimal(ASCII.trimmed($0.text)) }),
            (1...maximumDays).contains(days)
        else { throw .invalidArgument("'\(name)' must be a positive number of days") }
        return Int(days)
    }

    fileprivate func write(to document: inout XMLDocument) {
        document.element("ID", id)
        document.element("Filter") { filter.write(to: &$0) }
        document.element("Status", isEnabled ? "Enabled" : "Disabled")
        switch expiration {
        case .days(let days): document.element("Expiration") { $0.element("Days", "\(days)") }
        case .date(let seconds):
            document.element("Expiration") { $0.element("Date", ISO8601.extended(milliseconds: seconds * 1_000)) }
        case nil: break
        }
        if let abortUploadAfterDays {
            document.element("AbortIncompleteMultipartUpload") {
                $0.element("DaysAfterInitiation", "\(abortUploadAfterDays)")
            }
        }
    }
}
