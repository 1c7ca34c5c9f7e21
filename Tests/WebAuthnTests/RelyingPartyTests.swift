import JSON
import Testing

@testable import WebAuthn

@Suite struct RelyingPartyTests {
    @Test func `a site is a relying party under its host's name`() throws {
        for (site, id, origin) in [
            ("https://video.example.com", "video.example.com", "https://video.example.com"),
            ("https://Video.Example.com:443", "video.example.com", "https://video.example.com"),
            ("https://video.example.com:8443", "video.example.com", "https://video.example.com:8443"),
            ("http://localhost:8080", "localhost", "http://localhost:8080"),
            ("http://weir.localhost", "weir.localhost", "http://weir.localhost"),
            ("https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ] {
            let relyingParty = try RelyingParty(site: site)
            #expect(relyingParty.id == id && relyingParty.origins == [origin])
        }
    }

    @Test func `the machine's own address stands for localhost, and no other address for anything`() throws {
        for address in ["127.0.0.1", "127.1.2.3", "[::1]"] {
            let relyingParty = try RelyingParty(site: "http://\(address):8080")
            #expect(relyingParty.id == "localhost" && relyingParty.origins == ["http://localhost:8080"])
        }
        for address in ["192.0.2.7", "10.0.0.1", "[2001:db8::1]", "0.0.0.0", "2130706433", "1.2.3"] {
            #expect(throws: RelyingPartyError.self) { try RelyingParty(site: "https://\(address)") }
        }
        for site in [
            "http://video.example.com", "ftp://localhost", "localhost", "https://a_b.example", "https://-a.test",
        ] {
            #expect(throws: RelyingPartyError.self) { try RelyingParty(site: site) }
        }
    }

    @Test func `origins are of the relying party's name or below, as browsers write them`() throws {
        let good = ["https://example.com", "https://a.b.example.com:8443"]
        #expect(try RelyingParty(id: "example.com", origins: good).origins == Set(good))
        for origin in [
            "https://notexample.com", "https://example.com.evil.com", "http://example.com", "https://example.com/",
            "https://example.com:443", "https://EXAMPLE.com", "https://example.com/path", "https://u@example.com",
            "example.com", "null", "*",
        ] {
            #expect(throws: RelyingPartyError.foreignOrigin(origin)) {
                try RelyingParty(id: "example.com", origins: [origin])
            }
        }
        for id in ["", ".", "127.0.0.1", "::1", "Example.com", "example.com.", "a..b", "a b", "*.example.com", "1.2.3"]
        {
            #expect(throws: RelyingPartyError.idIsNoName(id)) { try RelyingParty(id: id, origins: []) }
        }
    }

    @Test func `options are as browsers read them`() throws {
        let relyingParty = try RelyingParty(id: "example.com", origins: [], requiresUserVerification: true)
        let options = CeremonyOptions(relyingParty: relyingParty, challenge: [1, 2, 3], timeoutMilliseconds: 5000)
        let creation = options.creation(
            userHandle: [255], name: "ann@example.com", displayName: "Ann", existing: [([9], ["usb"])])
        #expect(creation["rp"] == ["id": "example.com", "name": "example.com"])
        #expect(creation["user"] == ["id": "_w", "name": "ann@example.com", "displayName": "Ann"])
        #expect(creation["challenge"] == "AQID" && creation["timeout"] == 5000 && creation["attestation"] == "none")
        #expect(creation["pubKeyCredParams"]?.array?.map { $0["alg"] } == [-7, -8, -257])
        #expect(
            creation["excludeCredentials"] == [["type": "public-key", "id": "CQ", "transports": ["usb"]]])
        #expect(
            creation["authenticatorSelection"]
                == ["residentKey": "required", "requireResidentKey": true, "userVerification": "required"])
        #expect(
            options.request == [
                "challenge": "AQID", "timeout": 5000, "rpId": "example.com", "allowCredentials": [],
                "userVerification": "required",
            ])
    }
}
