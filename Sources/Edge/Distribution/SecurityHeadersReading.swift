import Configuration
import HTTPWire
import JSON

/// Reads `SecurityHeadersConfig`: each of its parts becomes a header field, if it is set.
struct SecurityHeadersReading {
    private(set) var fields: [ResponseHeadersPolicy.Field] = []
    private(set) var problems: [ConfigurationProblem] = []

    init(_ values: Configuration, at path: String) {
        readTransport(values.section("StrictTransportSecurity"), at: "\(path).StrictTransportSecurity")
        let types = values.section("ContentTypeOptions")
        add("X-Content-Type-Options", types.optionalBoolean("Override").map { _ in "nosniff" }, types)
        let frames = values.section("FrameOptions")
        add("X-Frame-Options", frames.optionalText("FrameOption"), frames)
        let referrer = values.section("ReferrerPolicy")
        add("Referrer-Policy", referrer.optionalText("ReferrerPolicy"), referrer)
        let content = values.section("ContentSecurityPolicy")
        let policy = content.optionalText("ContentSecurityPolicy")
        if let policy, policy.isEmpty || !Array(policy.utf8).withUnsafeBytes(HTTPToken.isFieldValue) {
            refuse(
                "\(path).ContentSecurityPolicy.ContentSecurityPolicy",
                "is empty or holds a control character, which no header field can")
        }
        add("Content-Security-Policy", policy, content)
        readFilter(values.section("XSSProtection"), at: "\(path).XSSProtection")
    }

    private mutating func readTransport(_ values: Configuration, at path: String) {
        if !values.boolean("Override") { refuse("\(path).Override", "must be true: the edge speaks for its own host") }
        guard let seconds = values.optionalInteger("AccessControlMaxAgeSec") else { return }
        let subdomains = values.boolean("IncludeSubdomains") ? "; includeSubDomains" : ""
        let preload = values.boolean("Preload") ? "; preload" : ""
        fields.append(
            .init(
                name: "Strict-Transport-Security", value: "max-age=\(seconds)\(subdomains)\(preload)",
                replacesOrigins: true, needsTLS: true))
    }

    private mutating func readFilter(_ values: Configuration, at path: String) {
        let (blocks, address) = (values.boolean("ModeBlock"), values.optionalText("ReportUri"))
        guard let filters = values.optionalBoolean("Protection") else { return }
        if !filters, blocks || address != nil {
            refuse("\(path).Protection", "false goes with neither ModeBlock nor ReportUri")
        }
        if blocks, address != nil { refuse("\(path).ReportUri", "goes with ModeBlock false only") }
        if let address, !Array(address.utf8).withUnsafeBytes(HTTPToken.isFieldValue) {
            refuse("\(path).ReportUri", "holds a control character, which no header field can")
        }
        let detail = blocks ? "; mode=block" : address.map { "; report=\($0)" } ?? ""
        add("X-XSS-Protection", filters ? "1\(detail)" : "0", values)
    }

    private mutating func add(_ name: String, _ value: String?, _ values: Configuration) {
        guard let value else { return }
        fields.append(
            .init(name: name, value: value, replacesOrigins: values.optionalBoolean("Override") ?? true))
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}

extension SecurityHeadersReading {
    static let parameters: [Parameter] = [
        .section(
            "StrictTransportSecurity", "HSTS (RFC 6797), on responses over TLS only",
            [
                .optional(
                    "AccessControlMaxAgeSec", .integer(0...2_147_483_647, unit: "seconds"),
                    "how long a browser uses https only; no field when unset, 0 takes it back"),
                .optional("IncludeSubdomains", .boolean, default: false, "whether subdomains follow"),
                .optional("Preload", .boolean, default: false, "whether browsers may ship with it"),
                .optional("Override", .boolean, default: true, "must be true: the edge speaks for its own host"),
            ]),
        .section(
            "ContentTypeOptions", "X-Content-Type-Options: nosniff, that types are believed",
            [.optional("Override", .boolean, "whether it replaces the origin's; no field when unset")]),
        .section(
            "FrameOptions", "X-Frame-Options, who may show pages in a frame",
            [.optional("FrameOption", .choice(["DENY", "SAMEORIGIN"]), "no field when unset"), override]),
        .section(
            "ReferrerPolicy", "Referrer-Policy, what a page's requests say of where they come from",
            [.optional("ReferrerPolicy", .choice(referrerPolicies), "no field when unset"), override]),
        .section(
            "ContentSecurityPolicy", "Content-Security-Policy, what pages may load and run",
            [.optional("ContentSecurityPolicy", .text, "no field when unset"), override]),
        .section(
            "XSSProtection", "X-XSS-Protection, the filter of old browsers",
            [
                .optional("Protection", .boolean, "whether it filters; no field when unset"),
                .optional("ModeBlock", .boolean, default: false, "whether such a page is not shown at all"),
                .optional("ReportUri", .text, "where it is reported"), override,
            ]),
    ]

    private static let override = Parameter.optional(
        "Override", .boolean, default: true, "whether it replaces the origin's")

    private static let referrerPolicies = [
        "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
        "strict-origin", "strict-origin-when-cross-origin", "unsafe-url",
    ]
}
