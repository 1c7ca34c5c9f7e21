import Geolocation
import TestKit
import Testing

@Suite struct CountryDatabaseTests {
    private func database(_ networks: [(String, CountryDatabaseFile.Value)]) throws -> CountryDatabase {
        var file = CountryDatabaseFile()
        for (network, value) in networks {
            let isNetwork = file.add(network, value)
            #expect(isNetwork, "\(network)")
        }
        return try CountryDatabase(file.bytes)
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(CountryDatabaseRefused) {
            _ = try CountryDatabase(bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `IPv4 and IPv6 addresses have the country of their network`() throws {
        let database = try database([
            ("127.0.0.0/9", .nested("DE")), ("127.128.0.0/10", .nested("FR")), ("192.0.2.7/32", .flat("JP")),
            ("2001:db8::/32", .nested("BR")), ("2001:db9:0:1::/64", .flat("AU")),
        ])
        #expect(database.country(of: [127, 0, 0, 1])?.description == "DE")
        #expect(database.country(of: [127, 127, 255, 255])?.description == "DE")
        #expect(database.country(of: [127, 128, 0, 0])?.description == "FR")
        #expect(database.country(of: [127, 192, 0, 0]) == nil)
        #expect(database.country(of: [192, 0, 2, 7])?.description == "JP")
        #expect(database.country(of: [192, 0, 2, 6]) == nil)
        let ipv6: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 9, count: 12)
        #expect(database.country(of: ipv6)?.description == "BR")
        let other: [UInt8] = [0x20, 0x01, 0x0d, 0xb9, 0, 0, 0, 1] + Array(repeating: 9, count: 8)
        #expect(database.country(of: other)?.description == "AU")
        #expect(database.country(of: Array(repeating: 255, count: 16)) == nil)
        #expect(database.kind == "Test-Country")
    }

    @Test func `what is no country or no address has none`() throws {
        let database = try database([
            ("10.0.0.0/8", .other), ("11.0.0.0/8", .nested("de")), ("12.0.0.0/8", .nested("DEU")),
            ("13.0.0.0/8", .flat("")),
        ])
        for first: UInt8 in 10...13 { #expect(database.country(of: [first, 0, 0, 1]) == nil) }
        #expect(database.country(of: [127, 0, 0]) == nil)
        #expect(database.country(of: [] as [UInt8]) == nil)
    }

    @Test func `bytes that are no database are refused with a reason`() throws {
        var file = CountryDatabaseFile()
        file.add("127.0.0.0/8", .nested("DE"))
        let whole = file.bytes
        #expect(refusal(whole) == nil)
        #expect(refusal([])?.isEmpty == false)
        #expect(refusal(Array("not a database".utf8))?.isEmpty == false)
        #expect(refusal(Array(whole.dropLast(60)))?.isEmpty == false)
    }

    @Test func `a database that is cut within its tree answers without a country, and never from outside it`() throws {
        var file = CountryDatabaseFile()
        file.add("127.0.0.0/8", .nested("DE"))
        file.add("2001:db8::/32", .nested("BR"))
        let whole = file.bytes
        for start in stride(from: 0, to: whole.count, by: 3) {
            guard let database = try? CountryDatabase(Array(whole[start...])) else { continue }
            for address in [[127, 0, 0, 1], [UInt8](repeating: 1, count: 16)] { _ = database.country(of: address) }
        }
    }

    @Test func `a country is two capital letters`() {
        #expect(CountryCode("DE")?.description == "DE")
        #expect(CountryCode("AA")?.index == 0)
        #expect(CountryCode("ZZ")?.index == CountryCode.count - 1)
        for text in ["", "D", "de", "DEU", "D1", "Ä"] { #expect(CountryCode(text) == nil) }
    }
}
