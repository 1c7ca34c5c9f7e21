import Bytes
import Configuration
import HTTPWire
import JSON

/// Reads one of `ResponseHeadersPolicies`.
struct ResponseHeadersReading {
    let policy: ResponseHeadersPolicy
    let problems: [ConfigurationProblem]

    init(_ values: Configuration, at path: String) {
        let security = SecurityHeadersReading(
            values.section("SecurityHeadersConfig"), at: "\(path).SecurityHeadersConfig")
        let custom = values.list("CustomHeaders").map {
            ResponseHeadersPolicy.Field(
                name: $0.text("Header"), value: $0.text("Value"), replacesOrigins: $0.boolean("Override"))
        }
        policy = ResponseHeadersPolicy(
            id: values.text("Id"), cors: Self.crossOriginRules(values.section("CorsConfig")),
            fields: security.fields + custom,
            removedHeaders: Set(values.texts("RemoveHeaders").map { ASCII.lowercased($0) }),
            tellsTiming: values.section("ServerTimingHeadersConfig").boolean("Enabled"))
        problems =
            FieldReading.problems(ofResponsePolicy: values, at: path) + security.problems
            + Self.repeated(security.fields, custom, at: path)
    }

    private static func crossOriginRules(_ values: Configuration) -> CrossOriginRules? {
        let origins = values.texts("AccessControlAllowOrigins").map { $0.lowercased() }
        if origins.isEmpty { return nil }
        return CrossOriginRules(
            origins: origins.contains("*") ? nil : Set(origins),
            allowsCredentials: values.boolean("AccessControlAllowCredentials"),
            methods: values.texts("AccessControlAllowMethods").joined(separator: ", "),
            headers: values.texts("AccessControlAllowHeaders").joined(separator: ", "),
            exposedHeaders: values.texts("AccessControlExposeHeaders").joined(separator: ", "),
            maxAgeSeconds: values.integer("AccessControlMaxAgeSec"))
    }

    /// A field that both lists set would go out twice, and browsers read two of these as none.
    private static func repeated(
        _ security: [ResponseHeadersPolicy.Field], _ custom: [ResponseHeadersPolicy.Field], at path: String
    ) -> [ConfigurationProblem] {
        custom.enumerated().compactMap { index, field in
            guard security.contains(where: { ASCII.equalsIgnoringCase($0.name, field.name) }) else { return nil }
            return ConfigurationProblem(
                path: "\(path).CustomHeaders[\(index)].Header",
                message: "\"\(field.name)\" is set by SecurityHeadersConfig already; keep one of them")
        }
    }
}

extension ResponseHeadersReading {
    static let parameters: [Parameter] = [
        .required("Id", .text, "name by which behaviors refer to this policy"),
        .section(
            "CorsConfig", "cross-origin answers; the edge's replace the origin's",
            [
                .optional("AccessControlAllowOrigins", .texts, default: [], "origins, or `*` to echo any origin"),
                .optional("AccessControlAllowCredentials", .boolean, default: false, "whether cookies may travel"),
                .optional("AccessControlAllowMethods", .texts, default: ["GET", "HEAD"], "for preflights"),
                .optional("AccessControlAllowHeaders", .texts, default: ["Range"], "for preflights"),
                .optional("AccessControlExposeHeaders", .texts, default: [], "headers that scripts may read"),
                .optional(
                    "AccessControlMaxAgeSec", .integer(0...86_400, unit: "seconds"), default: 600,
                    "how long a preflight holds"),
            ]),
        .section(
            "SecurityHeadersConfig", "what browsers are told to insist on", SecurityHeadersReading.parameters),
        .optional(
            "CustomHeaders",
            .list([
                .required("Header", .text, "the name"),
                .required("Value", .text, "the value"),
                .optional("Override", .boolean, default: true, "whether it replaces the origin's"),
            ]), default: [], "headers set on every response"),
        .optional(
            "RemoveHeaders", .texts, default: [], "names of the origin's header fields that clients do not get"),
        .section(
            "ServerTimingHeadersConfig", "Server-Timing, for who measures in a browser",
            [.optional("Enabled", .boolean, default: false, "whether it says what the cache did, and the request's id")]
        ),
    ]
}
