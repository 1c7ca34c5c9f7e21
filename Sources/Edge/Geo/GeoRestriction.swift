import Geolocation

/// The countries whose clients may, or may not, have what a behavior serves.
///
/// Of an address whose country is not known, a list of allowed countries lets nothing through and a list of blocked ones
/// everything, as CloudFront does.
struct GeoRestriction: Sendable, Equatable {
    let isAllowList: Bool
    /// A bit for each pair of letters.
    private var listed: [UInt64]

    init(isAllowList: Bool, countries: [CountryCode]) {
        self.isAllowList = isAllowList
        listed = Array(repeating: 0, count: (CountryCode.count + 63) / 64)
        for country in countries { listed[country.index / 64] |= 1 << (country.index % 64) }
    }

    /// The countries of the list, by the alphabet.
    var countries: [CountryCode] {
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let all = letters.flatMap { first in letters.compactMap { CountryCode(first, $0) } }
        return all.filter(isListed)
    }

    private func isListed(_ country: CountryCode) -> Bool {
        listed[country.index / 64] >> (country.index % 64) & 1 == 1
    }

    func allows(_ country: CountryCode?) -> Bool {
        guard let country else { return !isAllowList }
        return isListed(country) == isAllowList
    }
}
