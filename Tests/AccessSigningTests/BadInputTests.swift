import AccessSigning
import Bytes
import Crypto
import Testing

/// What is sent by mistake or by malice, line by line: accepted or denied as CloudFront's contract says, and never worse. All of
/// it is signed well, so it is judged for what it says.
@Suite struct BadInputTests {
    private static let key = Result { try PrivateKey.generateP256() }
    private static let open = #""Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}"#
    private let key: PrivateKey
    private let verifier: SignedAccessVerifier

    init() throws {
        key = try Self.key.get()
        verifier = SignedAccessVerifier(keys: ["K": key.publicKey])
    }

    private func cookies(_ text: String, canned expires: String? = nil) throws -> String {
        let message = Array(text.utf8)
        let signature = Base64.encode(try key.sign(message, .sha1), alphabet: .cloudFront)
        let proof = expires.map { "Expires=\($0)" } ?? "Policy=\(Base64.encode(message, alphabet: .cloudFront))"
        return "CloudFront-\(proof); CloudFront-Signature=\(signature); CloudFront-Key-Pair-Id=K"
    }

    /// Why a viewer with this signed policy is denied; nil if he is not. As cookie and as query alike.
    private func reason(_ text: String) throws -> AccessDenial.Reason? {
        let field = try cookies(text)
        let query = field.replacing("CloudFront-", with: "").replacing("; ", with: "&")
        let decision = Viewer(cookieFields: [field]).check(verifier)
        let second = Viewer(query: query).check(verifier)
        #expect(decision.denial == second.denial)
        if let denial = decision.denial { #expect(denial.status == 403) }
        return decision.denial?.reason
    }

    // MARK: The policy

    @Test(arguments: [100, 1_000, 8_000, 15_000, 20_000])
    func `a policy may be as long as a head lets it be`(size: Int) throws {
        let wide = "https://cdn.example.com/*" + String(repeating: "*", count: size)
        #expect(try reason(#"{"Statement":[{"Resource":"\#(wide)",\#(Self.open)}]}"#) == nil)
        let narrow = "https://cdn.example.com/" + String(repeating: "a*?", count: size / 3)
        #expect(try reason(#"{"Statement":[{"Resource":"\#(narrow)",\#(Self.open)}]}"#) == .resource)
        let blanks = String(repeating: " \n\t", count: size / 3)
        #expect(try reason(#"{"Statement":\#(blanks)[{"Resource":"*",\#(Self.open)}]}"#) == nil)
    }

    @Test(arguments: [1, 32, 1_000, 4_000])
    func `deep JSON is no policy`(depth: Int) throws {
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        for nested in [arrays, objects] {
            #expect(try reason(#"{"Statement":[{"Resource":\#(nested),\#(Self.open)}]}"#) == .policy)
            #expect(try reason(#"{"Statement":\#(nested)}"#) == .policy)
            #expect(try reason(nested) == .policy)
        }
        #expect(try reason(String(repeating: "[", count: depth)) == .policy)
    }

    @Test(arguments: [
        #"{"Statement":[{"Resource":"*",$}],"Statement":[{"Resource":"*",$}]}"#,
        #"{"Statement":[{"Resource":"*","Resource":"*",$}]}"#,
        #"{"Statement":[{"Resource":"*","\u0052esource":"*",$}]}"#,
        #"{"Statement":[{"Resource":"*",$,$}]}"#,
        #"{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1900000000},"DateLessThan":{"AWS:EpochTime":1900000000}}}]}"#,
        #"{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1900000000,"AWS:EpochTime":1900000000}}}]}"#,
    ])
    func `a key given twice makes no policy, even if both say the same`(_ text: String) throws {
        #expect(try reason(text.replacing("$", with: Self.open)) == .policy)
    }

    @Test(
        arguments: [
            ("1900000000", nil), ("2147483647", nil), ("1800000001", nil), ("1800000000", .expired), ("0", .expired),
            // Floats, whatever their value.
            ("1900000000.0", .policy), ("1900000000.5", .policy), ("1.9e9", .policy), ("19E8", .policy),
            ("0.0", .policy),
            ("1e400", .policy), ("-0", .policy),
            // Below and above 32 bits, and above 64.
            ("-1", .policy), ("-1900000000", .policy), ("2147483648", .policy), ("4294967296", .policy),
            ("6194967296", .policy), ("1900000000000", .policy), ("9223372036854775807", .policy),
            ("9223372036854775808", .policy), ("18446744073709551616", .policy), ("18446744075609551616", .policy),
            ("-9223372036854775809", .policy), ("340282366920938463463374607431768211456", .policy),
            // No number, or no JSON number.
            (#""1900000000""#, .policy), ("null", .policy), ("true", .policy), ("[1900000000]", .policy),
            ("+1900000000", .policy),
            ("01900000000", .policy), ("0x713fb300", .policy), ("1_900_000_000", .policy), ("NaN", .policy),
            ("", .policy),
        ] as [(String, AccessDenial.Reason?)])
    func `an expiry is an integer of 32 bits`(epoch: String, expected: AccessDenial.Reason?) throws {
        let text = #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":\#(epoch)}}}]}"#
        #expect(try reason(text) == expected)
    }

    @Test(
        arguments: [
            ("1799999999", nil), ("0", nil), ("1800000000", .notYetValid), ("2147483647", .notYetValid),
            ("-1", .policy),
            ("1.5", .policy), ("2147483648", .policy), ("9223372036854775808", .policy), (#""0""#, .policy),
        ] as [(String, AccessDenial.Reason?)])
    func `so is a beginning`(epoch: String, expected: AccessDenial.Reason?) throws {
        let dates = #""DateLessThan":{"AWS:EpochTime":1900000000},"DateGreaterThan":{"AWS:EpochTime":\#(epoch)}"#
        #expect(try reason(#"{"Statement":[{"Resource":"*","Condition":{\#(dates)}}]}"#) == expected)
    }

    @Test(
        arguments: [
            ("1900000000", nil), ("2147483647", nil), ("1800000000", .expired), ("0", .expired),
            ("2147483648", .policy),
            ("1900000000000", .policy), ("18446744073709551616", .policy), ("-1", .policy), ("+1900000000", .policy),
            ("01900000000", .policy), ("1900000000.0", .policy), ("1.9e9", .policy), ("", .policy),
            ("1900000000x", .policy),
            ("\u{0661}900000000", .policy),
        ] as [(String, AccessDenial.Reason?)])
    func `the expiry of a canned policy is too`(expires: String, expected: AccessDenial.Reason?) throws {
        let url = "https://cdn.example.com/media/42/index.m3u8"
        let text = #"{"Statement":[{"Resource":"\#(url)","Condition":{"DateLessThan":{"AWS:EpochTime":\#(expires)}}}]}"#
        let decision = Viewer(cookieFields: [try cookies(text, canned: expires)]).check(verifier)
        #expect(decision.denial?.reason == expected)
    }

    @Test(arguments: [
        "", " ", "\u{0}", "{", "}", "{}x", "[]", "null", "\"\"", "1", "{\"Statement\":",
        "{\"Statement\":[{\"Resource\":\"",
        #"{"Statement":[{"Resource":"\ud800","#, "{\"Statement\":[{}]}", "\u{FEFF}{}", "{'Statement':[]}",
    ])
    func `what is no JSON, or no policy, is malformed`(_ text: String) throws {
        #expect(try reason(text) == .policy)
    }

    @Test func `a policy whose bytes are no UTF-8 is malformed`() throws {
        let good = Array(#"{"Statement":[{"Resource":"*X",\#(Self.open)}]}"#.utf8)
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]] {
            var text = good
            let place = try #require(text.firstIndex(of: UInt8(ascii: "X")))
            text.replaceSubrange(place...place, with: bytes)
            let signature = Base64.encode(try key.sign(text, .sha1), alphabet: .cloudFront)
            let policy = Base64.encode(text, alphabet: .cloudFront)
            let field =
                "CloudFront-Policy=\(policy); CloudFront-Signature=\(signature); CloudFront-Key-Pair-Id=K"
            #expect(Viewer(cookieFields: [field]).check(verifier) == denied(.malformedPolicy, .policy))
        }
    }

    // MARK: The URL

    @Test(
        arguments: [
            // Encoded slashes and backslashes.
            ("/media/42%2findex.m3u8", .url), ("/media/42%2Findex.m3u8", .url), ("/media/42%5cindex.m3u8", .url),
            ("/media%2f42/index.m3u8", .url), ("/media/42\\index.m3u8", .url),
            // Dot segments, plain and encoded, in the middle and at the end.
            ("/media/42/../7/a", .url), ("/media/42/./a", .url), ("/media/42/..", .url), ("/media/42/.", .url),
            ("/media/42/%2e%2e/7/a", .url), ("/media/42/.%2E/7/a", .url), ("/media/42/%2e/a", .url), ("/..", .url),
            // What only looks like one.
            ("/media/42/.../a", nil), ("/media/42/..a", nil), ("/media/42/a..", nil), ("/media/42/.a", nil),
            ("/media/42/..;/a", nil), ("/media/42/%2e%2ea", nil), ("/media/42/a%2e", nil),
            // Decoded once, never twice.
            ("/media/42/%252e%252e/a", nil), ("/media/42%252f..%252fa", nil),
            // Escapes cut short or of no hexadecimal digits, and what ends strings.
            ("/media/42/%", .url), ("/media/42/%2", .url), ("/media/42/%zz", .url), ("/media/42/%00", .url),
            ("/media/42/\"", .url), ("/media/42/\u{1}", .url), ("/media/42/a b", .url), ("/media/42/\u{7f}", .url),
            ("/media/42/%22", nil), ("/media/42/%20", nil),
            ("", .url), ("media/42/a", .url), ("*", .url), ("/", nil), ("//", nil), ("/media//42", nil),
        ] as [(String, AccessDenial.Reason?)])
    func `a path with one reading is judged, any other is denied though everything is signed`(
        path: String, expected: AccessDenial.Reason?
    ) throws {
        let field = try cookies(#"{"Statement":[{"Resource":"*",\#(Self.open)}]}"#)
        #expect(Viewer(path: path, cookieFields: [field]).check(verifier).denial?.reason == expected)
    }

    @Test(arguments: [
        // A custom policy compares hosts without regard to case; nothing else is another name of the same host.
        ("cdn.example.com", true, true), ("CDN.Example.COM", true, false), ("cdn.example.com.", false, false),
        ("CDN.EXAMPLE.COM.", false, false), ("cdn.example.com..", false, false), ("cdn.example.com:443", false, false),
        ("cdn.example.com:", false, false), (".cdn.example.com", false, false), ("cdn.example.co", false, false),
        ("cdn.example.com.evil.example", false, false), ("xn--cdn.example.com", false, false), ("", false, false),
    ])
    func `a host is compared without case by a custom policy, and byte for byte by a canned one`(
        host: String, custom: Bool, canned: Bool
    ) throws {
        let url = "https://cdn.example.com/media/42/index.m3u8"
        let text = #"{"Statement":[{"Resource":"\#(url)",\#(Self.open)}]}"#
        let viewer = Viewer(host: host, cookieFields: [try cookies(text)])
        #expect(viewer.check(verifier).isAllowed == custom)
        let other = Viewer(host: host, cookieFields: [try cookies(text, canned: "1900000000")])
        #expect(other.check(verifier).isAllowed == canned)
        let upper = text.replacing("cdn.example.com", with: "CDN.EXAMPLE.COM")
        #expect(Viewer(host: host, cookieFields: [try cookies(upper)]).check(verifier).isAllowed == custom)
    }

    // MARK: The parameters

    @Test func `a tilde may be sent as %7E, once, and the like of every other byte, in a query and in a cookie`() throws
    {
        // Signatures have tildes by chance: sign until one does.
        var field = ""
        var expires: Int64 = 1_900_000_000
        while !field.contains("~") {
            expires += 1
            field = try cookies(
                #"{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":\#(expires)}}}]}"#)
        }
        let query = field.replacing("CloudFront-", with: "").replacing("; ", with: "&")
        for (spelled, isOpen) in [
            (query, true), (query.replacing("~", with: "%7E"), true), (query.replacing("~", with: "%7e"), true),
            (query.replacing("~", with: "%257E"), false), (query.replacing("~", with: "/"), false),
            (query.replacing("~", with: "%2F"), false), (query.replacing("~", with: "%7"), false),
            (query.replacing("~", with: "%"), false), (query.replacing("Signature=", with: "Signature=%20"), false),
            (query.replacing("Key-Pair-Id=K", with: "Key-Pair-Id=%4b"), true),
            (query.replacing("Key-Pair-Id", with: "Key%2DPair%2DId"), false), (query + "&", true), ("&" + query, true),
        ] {
            #expect(Viewer(query: spelled).check(verifier).isAllowed == isOpen, "\(spelled)")
            let names = ["Policy", "Signature", "Key-Pair-Id", "Key%2DPair%2DId"]
            let cookies = spelled.split(separator: "&").map { part in
                names.contains { part.hasPrefix($0 + "=") } ? "CloudFront-" + part : part
            }
            // A verifier of its own: what proved it as a query says nothing of cookies.
            let fresh = SignedAccessVerifier(keys: ["K": key.publicKey])
            #expect(Viewer(cookieFields: [cookies.joined(separator: "; ")]).check(fresh).isAllowed == isOpen)
        }
    }

    @Test(arguments: [
        "CloudFront-Policy", "CloudFront-Policy=", "=; =; =", ";;;;", "CloudFront-Policy=;CloudFront-Signature=;",
        "CloudFront-Policy=_;CloudFront-Signature=_;CloudFront-Key-Pair-Id=K",
        "CloudFront-Policy=====;CloudFront-Signature=A;CloudFront-Key-Pair-Id=K",
        "CloudFront-Policy=AAAA;CloudFront-Signature=;CloudFront-Key-Pair-Id=K",
        "CloudFront-Policy=AAAA;CloudFront-Signature=AAA=;CloudFront-Key-Pair-Id=K",
        "CloudFront-Policy=AAAA;CloudFront-Signature=AAAA;CloudFront-Key-Pair-Id=",
        "CloudFront-Policy=AAAA;CloudFront-Signature=AAAA;CloudFront-Key-Pair-Id=k",
        "CloudFront-Policy=AAAA;CloudFront-Signature=AAAA;CloudFront-Key-Pair-Id=K;CloudFront-Hash-Algorithm=",
        "CloudFront-Policy=AAAA;CloudFront-Signature=AAAA;CloudFront-Key-Pair-Id=K;CloudFront-Hash-Algorithm=MD5",
        "CloudFront-Expires=1900000000;CloudFront-Signature=AAAA;CloudFront-Key-Pair-Id=K",
        "cloudfront-policy=AAAA;cloudfront-signature=AAAA;cloudfront-key-pair-id=K",
    ])
    func `broken cookies are denied, in a query too`(_ field: String) {
        #expect(Viewer(cookieFields: [field]).check(verifier).denial?.status == 403)
        let query = field.replacing("CloudFront-", with: "").replacing(";", with: "&")
        #expect(Viewer(query: query).check(verifier).denial?.status == 403)
    }
}
