import Configuration
import Geolocation
import JSON

extension GeoRestriction {
    /// The section `GeoRestriction`, with CloudFront's fields.
    static func parameters(_ meaning: String) -> Parameter {
        .section(
            "GeoRestriction", meaning,
            [
                .optional(
                    "RestrictionType", .choice(["whitelist", "blacklist", "none"]),
                    "whether only the countries in Items are served, or all but them; none when unset"),
                .optional("Quantity", .integer(0...CountryCode.count, unit: "countries"), "how many Items there are"),
                .optional(
                    "Items", .texts, default: [], "countries, ISO 3166-1 alpha-2 in upper case; needs geo.databaseFile"),
            ])
    }

    /// The section `Restrictions` of a distribution.
    static let distributionParameters: Parameter = .section(
        "Restrictions", "which clients are served at all",
        [parameters("by country, where a behavior says nothing else")])
}

/// Reads one section `GeoRestriction`.
struct GeoRestrictionReading {
    /// What the section says: nothing, that there is no restriction, or which.
    enum Rule: Equatable {
        case unset
        case unrestricted
        case restricted(GeoRestriction)
    }

    private(set) var rule = Rule.unset
    private(set) var problems: [ConfigurationProblem] = []

    init(_ values: Configuration, at path: String) {
        let items = values.texts("Items")
        var countries: [CountryCode] = []
        for (index, item) in items.enumerated() {
            let place = "\(path).Items[\(index)]"
            guard let country = CountryCode(item) else {
                refuse(place, "\"\(item)\" is not two letters A to Z, such as DE (ISO 3166-1 alpha-2)")
                continue
            }
            if countries.contains(country) { refuse(place, "\"\(item)\" is given twice") }
            countries.append(country)
        }
        if let quantity = values.optionalInteger("Quantity"), quantity != items.count {
            refuse("\(path).Quantity", "is \(quantity), and Items has \(items.count)")
        }
        switch values.optionalText("RestrictionType") {
        case "whitelist"?: rule = .restricted(GeoRestriction(isAllowList: true, countries: countries))
        case "blacklist"?: rule = .restricted(GeoRestriction(isAllowList: false, countries: countries))
        case "none"?: rule = .unrestricted
        default: break
        }
        if case .restricted = rule {
            if items.isEmpty { refuse("\(path).Items", "names no country, and RestrictionType is about them") }
        } else if !items.isEmpty {
            refuse("\(path).Items", "means nothing without RestrictionType whitelist or blacklist")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
