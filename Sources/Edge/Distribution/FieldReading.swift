import Bytes
import Configuration
import HTTPWire

/// Checks names and values that end up in messages: what is wrong there would split a head, or be dropped in silence.
enum FieldReading {
    static func problems(ofResponsePolicy values: Configuration, at path: String) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func refuse(_ place: String, _ message: String) {
            problems.append(ConfigurationProblem(path: "\(path).\(place)", message: message))
        }
        for (index, header) in values.list("CustomHeaders").enumerated() {
            let (name, value) = (header.text("Header"), header.text("Value"))
            if let reason = problem(ofResponseField: name) {
                refuse("CustomHeaders[\(index)].Header", "\"\(name)\" \(reason)")
            }
            if !Array(value.utf8).withUnsafeBytes(HTTPToken.isFieldValue) {
                refuse("CustomHeaders[\(index)].Value", "holds a control character, which no header field can")
            }
        }
        for (index, name) in values.texts("RemoveHeaders").enumerated() {
            if let reason = problem(ofResponseField: name) ?? essential[ASCII.lowercased(name)] {
                refuse("RemoveHeaders[\(index)]", "\"\(name)\" \(reason)")
            }
        }
        let cors = values.section("CorsConfig")
        let lists = [
            "AccessControlAllowOrigins", "AccessControlAllowMethods", "AccessControlAllowHeaders",
            "AccessControlExposeHeaders",
        ]
        for key in lists {
            for (index, text) in cors.texts(key).enumerated() {
                let isToken = Array(text.utf8).withUnsafeBytes(HTTPToken.isToken)
                let isOrigin = key == lists[0] && (text == "*" || text == "null" || text.contains("://"))
                if key == lists[0] ? isOrigin : isToken { continue }
                let wanted = key == lists[0] ? "an origin such as https://example.com, or *" : "a name"
                refuse("CorsConfig.\(key)[\(index)]", "\"\(text)\" is not \(wanted)")
            }
        }
        return problems
    }

    static func problems(ofMethods methods: [String], at path: String) -> [ConfigurationProblem] {
        let known = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
        var problems: [ConfigurationProblem] = []
        if methods.isEmpty {
            problems.append(.init(path: path, message: "is empty: at least GET and HEAD belong here"))
        }
        for (index, method) in methods.enumerated() where !known.contains(method) {
            let isToken = Array(method.utf8).withUnsafeBytes(HTTPToken.isToken)
            let upper = method.uppercased()
            if isToken, !known.contains(upper) { continue }
            let reason = known.contains(upper) ? "must be in capitals: \(upper)" : "is not a method, such as GET"
            problems.append(.init(path: "\(path)[\(index)]", message: "\"\(method)\" \(reason)"))
        }
        return problems
    }

    /// GET and HEAD share one stored response, so neither goes without the other.
    static func problems(ofCachedMethods cached: [String], allowed: [String], at path: String) -> [ConfigurationProblem]
    {
        let known = Set(cached)
        guard known == ["GET", "HEAD"] || known == ["GET", "HEAD", "OPTIONS"] else {
            return [
                .init(
                    path: path,
                    message: "is \(cached.joined(separator: ", ")); allowed are GET, HEAD and GET, HEAD, OPTIONS")
            ]
        }
        guard !known.contains("OPTIONS") || allowed.contains("OPTIONS") else {
            return [.init(path: path, message: "has OPTIONS, which AllowedMethods has not")]
        }
        return []
    }

    /// Why no policy can set or remove a field of that name.
    private static func problem(ofResponseField name: String) -> String? {
        if !Array(name.utf8).withUnsafeBytes(HTTPToken.isToken) { return "is not the name of a header field" }
        let name = ASCII.lowercased(name)
        if ResponseFields.hopByHop.contains(name) { return "is of the connection, which the edge keeps itself" }
        return [
            "via", "x-cache", "cache-status", "x-amz-cf-id", "age", "content-range", "date", "host", "expect",
        ].contains(name) ? "is the edge's own to write" : nil
    }

    /// Why a field of that name cannot hold tags, which clients do not see.
    static func problem(ofTagField name: String) -> String? {
        if let reason = problem(ofResponseField: name) ?? essential[ASCII.lowercased(name)] { return reason }
        let meant = ["cache-control", "content-language", "expires", "last-modified", "location", "set-cookie"]
        return meant.contains(ASCII.lowercased(name)) ? "says something else to clients" : nil
    }

    /// Why responses cannot go without.
    private static let essential = [
        "content-encoding": "says how to read the body",
        "content-type": "says how to read the body",
        "etag": "tells versions apart, of which ranges and slices are made",
        "vary": "tells caches behind the edge which response is whose",
    ]
}
