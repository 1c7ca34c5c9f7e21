import Configuration
import Geolocation
import JSON
import Testing

@testable import Edge

@Suite struct GeoRestrictionTests {
    private func restrictions(_ whole: JSONValue, _ own: JSONValue = [:]) throws -> [GeoRestriction?] {
        try Distribution([
            "Id": "E1", "Origins": [["Id": "app", "DomainName": "127.0.0.1:9000"]],
            "Restrictions": ["GeoRestriction": whole],
            "CacheBehaviors": [["PathPattern": "/own/*", "TargetOriginId": "app", "GeoRestriction": own]],
            "DefaultCacheBehavior": ["TargetOriginId": "app"],
        ]).allBehaviors.map(\.geoRestriction)
    }

    private func problems(_ whole: JSONValue, _ own: JSONValue = [:]) -> [String] {
        do {
            _ = try restrictions(whole, own)
            return []
        } catch {
            return ((error as? ConfigurationRefused)?.problems ?? []).map(\.description)
        }
    }

    private func code(_ text: String) throws -> CountryCode { try #require(CountryCode(text)) }

    @Test func `a whitelist serves what it names, a blacklist the rest, and only it the unknown`() throws {
        let countries = [try code("DE"), try code("ZW")]
        let allowed = GeoRestriction(isAllowList: true, countries: countries)
        let blocked = GeoRestriction(isAllowList: false, countries: countries)
        for country in countries {
            #expect(allowed.allows(country))
            #expect(!blocked.allows(country))
        }
        #expect(!allowed.allows(try code("AT")))
        #expect(blocked.allows(try code("AT")))
        #expect(!allowed.allows(nil))
        #expect(blocked.allows(nil))
    }

    @Test func `a behavior has the distribution's restriction unless it has its own or none`() throws {
        let whole: JSONValue = ["RestrictionType": "blacklist", "Quantity": 1, "Items": ["DE"]]
        let blocksGermany = GeoRestriction(isAllowList: false, countries: [try code("DE")])
        #expect(try restrictions([:]) == [nil, nil])
        #expect(try restrictions(["RestrictionType": "none", "Quantity": 0]) == [nil, nil])
        #expect(try restrictions(whole) == [blocksGermany, blocksGermany])
        #expect(try restrictions(whole, ["RestrictionType": "none"]) == [nil, blocksGermany])
        let own: JSONValue = ["RestrictionType": "whitelist", "Items": ["AT"]]
        #expect(
            try restrictions(whole, own) == [
                GeoRestriction(isAllowList: true, countries: [try code("AT")]), blocksGermany,
            ])
    }

    @Test func `what does not fit is named by its path`() {
        #expect(
            problems(["RestrictionType": "whitelist", "Quantity": 3, "Items": ["DE", "de", "DE"]]) == [
                "$.Restrictions.GeoRestriction.Items[1]: \"de\" is not two letters A to Z, such as DE (ISO 3166-1 alpha-2)",
                "$.Restrictions.GeoRestriction.Items[2]: \"DE\" is given twice",
            ])
        #expect(
            problems([:], ["RestrictionType": "blacklist", "Quantity": 2, "Items": ["DE"]]) == [
                "$.CacheBehaviors[0].GeoRestriction.Quantity: is 2, and Items has 1"
            ])
        #expect(
            problems(["RestrictionType": "blacklist"]) == [
                "$.Restrictions.GeoRestriction.Items: names no country, and RestrictionType is about them"
            ])
        #expect(
            problems(["Items": ["DE"]]) == [
                "$.Restrictions.GeoRestriction.Items: means nothing without RestrictionType whitelist or blacklist"
            ])
    }
}
