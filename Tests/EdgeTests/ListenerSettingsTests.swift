import Configuration
import Crypto
import JSON
import TLS
import Testing

@testable import Edge

/// What the `https` section may say, and what is said about a wrong one.
struct ListenerSettingsTests {
    private let files: [String: [UInt8]]

    init() throws {
        var files = ["/etc/weir/short.key": Array("short".utf8), "/etc/weir/no.pem": Array("none".utf8)]
        for name in ["a", "b"] {
            let pair = try SelfSignedCertificate.make(hosts: ["\(name).test"])
            files["/etc/weir/\(name).pem"] = Array(pair.certificatePEM.utf8)
            files["/etc/weir/\(name).key"] = Array(pair.keyPEM.utf8)
        }
        self.files = files
    }

    private func read(_ https: JSONObject) throws -> (settings: EdgeSettings.HTTPS?, problems: [String]) {
        let known = TestFiles(files)
        var section = https
        section["listen"] = "127.0.0.1:0"
        let parameters = EdgeParameters.all.filter { $0.key == "https" }
        let values = try Configuration(["https": .object(section)], parameters: parameters)
        var reading = TLSListenerReading(
            sources: SettingsSources(folder: "/etc/weir", readFile: { try known.read($0) }, resolve: { $0.inlineText }))
        let settings = reading.settings(values.section("https"))
        return (settings, reading.problems.map(\.description))
    }

    @Test func `one certificate in the section is the same as a list of one`() throws {
        let single = try read(["certificateFile": "a.pem", "keyFile": "a.key"])
        let listed = try read(["certificates": [["certificateFile": "a.pem", "keyFile": "a.key"]]])
        #expect(single.problems == [])
        #expect(single.settings == listed.settings)
        #expect(single.settings?.certificates.map(\.chain.name) == ["/etc/weir/a.pem"])
    }

    @Test func `the section's own certificate comes before the listed ones`() throws {
        let both = try read([
            "certificateFile": "b.pem", "keyFile": "b.key",
            "certificates": [["certificateFile": "a.pem", "keyFile": "a.key"]],
        ])
        #expect(both.settings?.certificates.map(\.chain.name) == ["/etc/weir/b.pem", "/etc/weir/a.pem"])
    }

    @Test func `a listener without a certificate is told what is missing`() throws {
        #expect(
            try read([:]).problems == [
                "$.https.certificateFile: is required here", "$.https.keyFile: is required here",
            ])
    }

    @Test func `files that cannot be used are named at their place`() throws {
        let swapped = try read(["certificates": [["certificateFile": "a.pem", "keyFile": "b.key"]]])
        #expect(swapped.settings == nil)
        #expect(swapped.problems.count == 1)
        #expect(swapped.problems[0].hasPrefix("$.https.certificates[0]: cannot use /etc/weir/b.key as the key of"))
        let missing = try read(["certificateFile": "gone.pem", "keyFile": "a.key"])
        #expect(missing.problems.count == 1)
        #expect(missing.problems[0].hasPrefix("$.https.certificateFile: "))
        #expect(missing.problems[0].contains("cannot open /etc/weir/gone.pem"))
        let rubbish = try read(["certificateFile": "no.pem", "keyFile": "a.key"])
        #expect(rubbish.problems.first?.contains("read a certificate from /etc/weir/no.pem") == true)
        let ticket = try read(["certificateFile": "a.pem", "keyFile": "a.key", "ticketKeyFile": "short.key"])
        #expect(
            ticket.problems == [
                "$.https.ticketKeyFile: /etc/weir/short.key has 5 bytes, needed are 32 and more"
            ])
    }

    @Test(arguments: [
        ("edge.test", "edge.test"), ("edge.test:8080", "edge.test"), ("[::1]:8080", "[::1]"), ("[::1]", "[::1]"),
        ("10.0.0.1:1", "10.0.0.1"),
    ])
    func `a redirect leads to the host that was asked for, without its port`(authority: String, host: String) {
        #expect(HostName.withoutPort(authority) == host)
    }

    @Test(arguments: ["", ":80", "a b", "a/b", "user@host", "a\"b", "a\r\nb"])
    func `what is no host leads nowhere`(authority: String) {
        #expect(HostName.withoutPort(authority) == nil)
    }
}
