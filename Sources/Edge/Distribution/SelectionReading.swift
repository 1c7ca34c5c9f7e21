import Bytes
import Configuration
import HTTPWire

/// Reads which names a policy selects, and collects what does not fit.
struct SelectionReading {
    private(set) var problems: [ConfigurationProblem] = []

    /// A varying response must be told apart by all of them, and by those of its `Vary`.
    private static let mostKeyHeaders = 8

    mutating func query(_ values: Configuration, at path: String) -> NameSelection {
        selection(values, "QueryStringBehavior", "QueryStrings", at: "\(path).QueryStringsConfig")
    }

    mutating func cookies(_ values: Configuration, at path: String) -> NameSelection {
        let place = "\(path).CookiesConfig"
        for (index, name) in values.texts("Cookies").enumerated() {
            if Array(name.utf8).withUnsafeBytes(HTTPToken.isToken) { continue }
            refuse(
                "\(place).Cookies[\(index)]", "\"\(name)\" is not the name of a cookie: letters, digits, '-', '_', '.'")
        }
        return selection(values, "CookieBehavior", "Cookies", at: place)
    }

    /// The fields of a cache key; `nil` if there is none.
    mutating func keyFields(_ values: Configuration, at path: String) -> KeyFields? {
        let place = "\(path).HeadersConfig"
        let headers = values.section("HeadersConfig")
        check(headers.texts("Headers"), at: "\(place).Headers", RequestFieldName.problem(inKey:))
        let names = headerSelection(headers, at: place)
        var wanted: [[UInt8]] = []
        if case .only(let names) = names { wanted = names }
        if wanted.count > Self.mostKeyHeaders {
            refuse("\(place).Headers", "names \(wanted.count) fields, allowed are at most \(Self.mostKeyHeaders)")
        }
        let cookies = cookies(values.section("CookiesConfig"), at: path)
        if wanted.isEmpty, cookies == .none { return nil }
        return KeyFields(headers: Array(wanted.joined(separator: [UInt8(ascii: ",")])), cookies: cookies)
    }

    mutating func originRequestPolicy(_ values: Configuration, at path: String) -> OriginRequestPolicy {
        let place = "\(path).HeadersConfig"
        let headers = values.section("HeadersConfig")
        if headers.text("HeaderBehavior") == "whitelist" {
            check(headers.texts("Headers"), at: "\(place).Headers", RequestFieldName.problem(forwarded:))
        }
        return OriginRequestPolicy(
            id: values.text("Id"), headers: headerSelection(headers, at: place),
            cookies: cookies(values.section("CookiesConfig"), at: path),
            query: query(values.section("QueryStringsConfig"), at: path))
    }

    private mutating func headerSelection(_ values: Configuration, at path: String) -> NameSelection {
        selection(values, "HeaderBehavior", "Headers", at: path) { ASCII.lowercased($0) }
    }

    private mutating func check(_ names: [String], at path: String, _ problem: (String) -> String?) {
        for (index, name) in names.enumerated() {
            if let reason = problem(ASCII.lowercased(name)) { refuse("\(path)[\(index)]", "\"\(name)\" \(reason)") }
        }
    }

    private mutating func selection(
        _ values: Configuration, _ behaviorKey: String, _ listKey: String, at path: String,
        normal: (String) -> String = { $0 }
    ) -> NameSelection {
        let texts = values.texts(listKey)
        let names = Set(texts.map { Array(normal($0).utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        let behavior = values.text(behaviorKey)
        switch behavior {
        case "whitelist", "allExcept":
            if names.isEmpty {
                refuse("\(path).\(listKey)", "is empty, and \(behaviorKey) is \"\(behavior)\": name at least one")
            }
            return behavior == "whitelist" ? .only(names) : .allExcept(names)
        case "none", "all", "allViewer":
            if !names.isEmpty {
                refuse(
                    "\(path).\(listKey)",
                    "names \(texts.joined(separator: ", ")), which \(behaviorKey) \"\(behavior)\" does not look at: "
                        + "leave it out, or choose whitelist")
            }
            return behavior == "none" ? .none : .all
        default: return .none
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
