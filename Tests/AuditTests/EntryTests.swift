import Bytes
import JSON
import Testing

@testable import Audit

@Suite struct EntryTests {
    /// The hashes were computed by another implementation (Python's `hmac`), from the description in the README.
    @Test func `entries, hashes and seal are those of the description`() async {
        var book = Book()
        book.write(AuditAct(.originStarted, ["version": "0.1.0"]), at: 1_795_000_000_000)
        await AuditContext.serving(client: "192.0.2.1", forwardedFor: "2001:db8::1", requestId: "r-1") {
            book.write(
                AuditAct(
                    .signIn, of: .name(hashed: "00ff"), outcome: "wrong_password",
                    ["failures": 5, "lockedMilliseconds": 1000]), at: 1_795_000_000_001)
        }
        #expect(
            book.lines.map(\.text) == [
                #"{"sequence":1,"at":1795000000000,"actor":"system","action":"origin_started","outcome":"success","#
                    + #""details":{"version":"0.1.0"},"key":"feb981c5"}"#,
                #"{"sequence":2,"at":1795000000001,"actor":"anonymous","action":"sign_in","outcome":"wrong_password","#
                    + #""subject":"name:00ff","client":"192.0.2.1","forwardedFor":"2001:db8::1","requestId":"r-1","#
                    + #""details":{"failures":5,"lockedMilliseconds":1000},"key":"feb981c5"}"#,
            ])
        #expect(
            book.lines.map { Hex.encode($0.hash) } == [
                "7894c1b934f0cd5c58b391e9e70cc348a2d942e341b27a2f1cd8407100197211",
                "d271b7799f0c3072fa4cddb316d4c3db7fd2054c99415867267ae55fff0b948b",
            ])
        #expect(book.head.mark == AuditMark(sequence: 2, hash: book.lines[1].hash))
        #expect(
            Hex.encode(book.head.seal) == "2b7e80df07342db735631b8550fd0820af1851ee464f7861c12906624b48ea5c")
    }

    @Test func `an entry names whoever its request has proven to come from, or whom the act names`() async {
        var book = Book()
        AuditContext.identify(.user("nobody's request"))
        book.write(AuditAct(.jobRetried))
        await AuditContext.serving(client: "192.0.2.1", requestId: "r") {
            book.write(AuditAct(.jobRetried))
            AuditContext.identify(.accessKey("AKIA"))
            book.write(AuditAct(.jobRetried))
            book.write(AuditAct(.jobRetried, by: .user("1")))
            await AuditContext.serving(client: nil, requestId: nil) { book.write(AuditAct(.jobRetried)) }
        }
        book.write(AuditAct(.jobRetried))
        let actors = book.lines.compactMap { $0.document["actor"]?.string }
        #expect(actors == ["system", "anonymous", "access-key:AKIA", "user:1", "anonymous", "system"])
        #expect(book.lines.map { $0.document["client"] != nil } == [false, true, true, true, false, false])
    }

    @Test func `a line is exported and read back as it was`() throws {
        var book = Book()
        book.write(AuditAct(.policySigned, ["policy": "a \"quoted\"\n,\"hash\":\"text\" é\u{7f}"]))
        let line = try #require(book.lines.first)
        #expect(!line.exported.contains("\n"))
        #expect(AuditLine(exported: line.exported) == line)
        #expect(line.document["hash"]?.string == Hex.encode(line.hash))
        #expect(line.document["details"]?["policy"]?.string == "a \"quoted\"\n,\"hash\":\"text\" é\u{7f}")
    }

    @Test(arguments: [
        "", "{}", "x", #"{"sequence":1,"hash":"00"}"#, #"{"hash":""# + String(repeating: "0", count: 64) + #""}"#,
        #"{"a":1,"hash":""# + String(repeating: "0", count: 64) + #""}"#,
        #"{"sequence":1,"hash":""# + String(repeating: "g", count: 64) + #""}"#,
        #"{"sequence":1,"hash":""# + String(repeating: "0", count: 64) + #"" "#,
    ])
    func `what is no exported line is none`(_ text: String) {
        #expect(AuditLine(exported: text) == nil)
    }

    @Test func `a damaged entry is shown as the text in its place`() {
        let line = AuditLine(sequence: 3, text: "{\"sequence\":3,", hash: [1, 2])
        #expect(line.document == ["sequence": 3, "unreadable": "{\"sequence\":3,", "hash": "0102"])
    }

    @Test func `a mark is written and read`() {
        let mark = AuditMark(sequence: 17, hash: [UInt8](repeating: 0xab, count: 32))
        #expect(AuditMark(mark.description) == mark)
        #expect(AuditMark(AuditMark.beginning.description) == .beginning)
        for text in ["", "1", "1:", "1:ab", "-1:" + String(repeating: "0", count: 64), mark.description + "0"] {
            #expect(AuditMark(text) == nil)
        }
    }
}
