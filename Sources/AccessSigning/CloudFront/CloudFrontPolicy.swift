public import HTTPWire
internal import JSON

/// A policy: what may be fetched, until when, from when and by whom.
public struct CloudFrontPolicy: Sendable, Equatable {
    /// The URL pattern; nil covers every resource that trusts the key.
    public let resource: String?
    /// `DateLessThan`: access ends when this second begins.
    public let expires: Int64
    /// `DateGreaterThan`: access begins after this second.
    public let notBefore: Int64?
    /// `IpAddress`: one block. IPv6 is an extension of ours.
    public let source: IPNetwork?

    /// The latest expiry, the end of 32-bit time.
    public static let maximumEpochSeconds: Int64 = 2_147_483_647

    /// A policy of its parts.
    public init(resource: String?, expires: Int64, notBefore: Int64? = nil, source: IPNetwork? = nil) {
        self.resource = resource
        self.expires = expires
        self.notBefore = notBefore
        self.source = source
    }

    /// The text that is signed for a canned policy.
    ///
    /// `url` must hold no quote, backslash or control byte.
    public static func cannedText(url: String, expires: Int64) -> String {
        #"{"Statement":[{"Resource":"\#(url)","Condition":{"DateLessThan":{"AWS:EpochTime":\#(expires)}}}]}"#
    }

    /// The text of this policy as a custom policy, without white space, in the order AWS's tools write it.
    public var customText: String {
        var condition: JSONObject = ["DateLessThan": ["AWS:EpochTime": .integer(expires)]]
        if let source { condition["IpAddress"] = ["AWS:SourceIp": .string(source.description)] }
        if let notBefore { condition["DateGreaterThan"] = ["AWS:EpochTime": .integer(notBefore)] }
        var statement = JSONObject()
        if let resource { statement["Resource"] = .string(resource) }
        statement["Condition"] = .object(condition)
        let document: JSONValue = ["Statement": [.object(statement)]]
        return String(decoding: document.serialized(), as: UTF8.self)
    }

    /// Reads the text of a custom policy.
    ///
    /// Strict: exactly one statement (an array of one, or the bare object), `DateLessThan` required, no member or
    /// condition that is not understood, times as integers within 32 bits. Nil for everything else.
    public init?(parsing text: [UInt8]) {
        guard let document = try? JSONValue.parse(text).object, Self.hasOnly(["Statement"], document),
            let statement = Self.statement(document["Statement"]),
            Self.hasOnly(["Resource", "Condition"], statement),
            let condition = statement["Condition"]?.object,
            Self.hasOnly(["DateLessThan", "DateGreaterThan", "IpAddress"], condition),
            let expires = Self.epoch(condition["DateLessThan"])
        else { return nil }
        self.expires = expires
        if let value = statement["Resource"] {
            guard let resource = value.string, !resource.isEmpty else { return nil }
            self.resource = resource
        } else {
            resource = nil
        }
        if let value = condition["DateGreaterThan"] {
            guard let notBefore = Self.epoch(value) else { return nil }
            self.notBefore = notBefore
        } else {
            notBefore = nil
        }
        if let value = condition["IpAddress"] {
            guard let object = value.object, Self.hasOnly(["AWS:SourceIp"], object),
                let source = object["AWS:SourceIp"]?.string.flatMap({ IPNetwork($0) })
            else { return nil }
            self.source = source
        } else {
            source = nil
        }
    }

    private static func statement(_ value: JSONValue?) -> JSONObject? {
        if let array = value?.array { return array.count == 1 ? array[0].object : nil }
        return value?.object
    }

    private static func epoch(_ value: JSONValue?) -> Int64? {
        guard let object = value?.object, hasOnly(["AWS:EpochTime"], object),
            let seconds = object["AWS:EpochTime"]?.integer, (0...maximumEpochSeconds).contains(seconds)
        else { return nil }
        return seconds
    }

    private static func hasOnly(_ names: [String], _ object: JSONObject) -> Bool {
        object.members.allSatisfy { names.contains($0.key) }
    }
}
