import AccessSigning
import Bytes
import Crypto
import HTTPWire
import Testing

@Suite struct SignedAccessTests {
    private static let key = Result { try PrivateKey.generateRSA() }
    private let key: PrivateKey
    private let signer: CloudFrontSigner
    private let verifier: SignedAccessVerifier
    private let policy = CloudFrontPolicy(resource: "http*://*/media/42/*", expires: 1_800_000_060)

    init() throws {
        key = try Self.key.get()
        signer = CloudFrontSigner(key: key, keyPairId: "K2WEIR")
        verifier = SignedAccessVerifier(keys: ["K2WEIR": key.publicKey])
    }

    @Test(arguments: CloudFrontHash.allCases)
    func `cookies of a custom policy open what its resource names and nothing else`(_ hash: CloudFrontHash) throws {
        let cookies = try CloudFrontSigner(key: key, keyPairId: "K2WEIR", hash: hash).cookies(policy)
        #expect(cookies.count == (hash == .sha1 ? 3 : 4))
        var viewer = Viewer(cookieFields: ["theme=dark; " + cookies.field])
        #expect(viewer.check(verifier).isAllowed)
        viewer.isTLS = false
        viewer.host = "127.0.0.1:8080"
        viewer.path = "/media/42/720p/00001.m4s"
        viewer.query = "t=1"
        #expect(viewer.check(verifier).isAllowed)
        viewer.path = "/media/43/index.m3u8"
        #expect(viewer.check(verifier) == denied(.accessDenied, .resource))
    }

    @Test func `cookies of a canned policy open one URL, query included`() throws {
        let url = "https://cdn.example.com/media/42/index.m3u8?v=2"
        var viewer = Viewer(query: "v=2", cookieFields: [try signer.cookies(url: url, expires: 1_800_000_060).field])
        #expect(viewer.check(verifier).isAllowed)
        #expect(viewer.check(verifier).isAllowed)
        viewer.query = "v=3"
        #expect(viewer.check(verifier) == denied(.accessDenied, .signature))
        viewer.query = nil
        #expect(viewer.check(verifier) == denied(.accessDenied, .signature))
    }

    @Test func `a signed URL decides alone, and its own parameters are no part of the resource`() throws {
        let url = "https://cdn.example.com/media/42/index.m3u8?b=2&&a=1"
        let signed = try signer.signedURL(url, expires: 1_800_000_060)
        var viewer = Viewer(query: String(signed.split(separator: "?")[1]))
        #expect(viewer.check(verifier).isAllowed)
        viewer.query? += "&extra=1"
        #expect(viewer.check(verifier) == denied(.accessDenied, .signature))

        let custom = try signer.signedURL("https://cdn.example.com/media/42/index.m3u8", policy: policy)
        viewer.query = String(custom.split(separator: "?")[1])
        #expect(viewer.check(verifier).isAllowed)
        viewer.query = viewer.query?.replacing("~", with: "%7E")
        #expect(viewer.check(verifier).isAllowed)
        viewer.query? += "&Signature=again"
        #expect(viewer.check(verifier) == denied(.accessDenied, .ambiguous))
        viewer.query = "Policy=x"
        viewer.cookieFields = [try signer.cookies(policy).field]
        #expect(viewer.check(verifier) == denied(.missingKey, .keyMissing))
    }

    @Test func `time opens after DateGreaterThan and closes at DateLessThan, also for a remembered policy`() throws {
        let policy = CloudFrontPolicy(resource: "*", expires: 2000, notBefore: 1000)
        var viewer = Viewer(cookieFields: [try signer.cookies(policy).field])
        var memo = AccessMemo()
        for (now, expected) in [
            (999, .notYetValid), (1000, .notYetValid), (1001, nil), (1999, nil), (2000, .expired),
        ] as [(Int64, AccessDenial.Reason?)] {
            viewer.now = now
            #expect(viewer.check(verifier, memo: &memo).denial?.reason == expected, "at \(now)")
        }
    }

    @Test func `a missing key, a foreign key, a missing part and an unknown hash are told apart`() throws {
        let cookies = try signer.cookies(policy)
        func check(_ cookies: [CloudFrontSigner.Cookie]) -> AccessDecision {
            Viewer(cookieFields: [cookies.field]).check(verifier)
        }
        #expect(check([]) == denied(.missingKey, .keyMissing))
        #expect(check([cookies[0], cookies[1]]) == denied(.missingKey, .keyMissing))
        #expect(check([cookies[0], cookies[2]]) == denied(.accessDenied, .incomplete))
        #expect(check([cookies[1], cookies[2]]) == denied(.accessDenied, .incomplete))
        #expect(
            check([cookies[0], cookies[1], ("CloudFront-Key-Pair-Id", "K2OTHER")]) == denied(.invalidKey, .keyUnknown))
        // A Kelvin sign, which Swift's strings call equal to a K.
        let lookalike = ("CloudFront-Key-Pair-Id", "\u{212A}2WEIR")
        #expect(check([cookies[0], cookies[1], lookalike]) == denied(.invalidKey, .keyUnknown))
        #expect(check(cookies + [("CloudFront-Hash-Algorithm", "SHA1")]).isAllowed)
        #expect(check(cookies + [("CloudFront-Hash-Algorithm", "SHA256")]) == denied(.accessDenied, .signature))
        #expect(check(cookies + [("CloudFront-Hash-Algorithm", "sha1")]) == denied(.accessDenied, .unknownHash))
        #expect(check(cookies.map { ($0.name.lowercased(), $0.value) }) == denied(.missingKey, .keyMissing))
    }

    @Test func `a changed byte anywhere in policy or signature is denied`() throws {
        let cookies = try signer.cookies(policy)
        for position in 0..<2 {
            for index in cookies[position].value.indices {
                var changed = cookies
                let old = changed[position].value[index]
                changed[position].value.replaceSubrange(index...index, with: old == "A" ? "B" : "A")
                let decision = Viewer(cookieFields: [changed.field]).check(verifier)
                #expect(!decision.isAllowed, "cookie \(position), offset \(index)")
            }
        }
    }

    @Test func `a signed policy that is not understood is malformed, an unsigned one only denied`() throws {
        let text = Array(#"{"Statement":[{"Resource":"*"}]}"#.utf8)
        let policy = Base64.encode(text, alphabet: .cloudFront)
        let signature = Base64.encode(try key.sign(text, .sha1), alphabet: .cloudFront)
        func check(_ policy: String, _ signature: String) -> AccessDecision {
            Viewer(cookieFields: [
                "CloudFront-Policy=\(policy); CloudFront-Signature=\(signature); CloudFront-Key-Pair-Id=K2WEIR"
            ]).check(verifier)
        }
        #expect(check(policy, signature) == denied(.malformedPolicy, .policy))
        #expect(check(policy, "AAAA") == denied(.accessDenied, .signature))
        #expect(check(policy, "A+/=") == denied(.accessDenied, .encoding))
        #expect(check("%%%", signature) == denied(.malformedPolicy, .encoding))
    }

    @Test func `an expiry in milliseconds is a malformed policy`() throws {
        let cookies = try signer.cookies(url: "https://cdn.example.com/media/42/index.m3u8", expires: 1_800_000_060_000)
        #expect(Viewer(cookieFields: [cookies.field]).check(verifier) == denied(.malformedPolicy, .policy))
    }

    @Test func `of several cookies of one name the first four sets are tried`() throws {
        let good = try signer.cookies(policy)
        let other = try signer.cookies(CloudFrontPolicy(resource: "https://*/media/7/*", expires: 1_800_000_060))
        #expect(Viewer(cookieFields: [other.field, good.field]).check(verifier).isAllowed)
        #expect(
            Viewer(cookieFields: [other.field + "; " + other.field, other.field + ";" + good.field]).check(verifier)
                .isAllowed)
        let five = [String](repeating: other.field, count: 4) + [good.field]
        #expect(Viewer(cookieFields: five).check(verifier) == denied(.accessDenied, .resource))
    }

    @Test(arguments: [
        "/media/42/../7/index.m3u8", "/media/42/%2e%2E/7/a", "/media/42/..", "/media/42/./a", "/media/42%2f..%2f7/a",
        "/media/42/%5c..%5c7", "/media/42/a%00b", "/media/42/a\"b", "/media/42/a\\b", "/media/42/%zz", "/media/42/%4",
        "media/42/a", "",
    ])
    func `a path that can be read in two ways is denied whatever was signed`(_ path: String) throws {
        let policy = CloudFrontPolicy(resource: "*", expires: 1_900_000_000)
        let viewer = Viewer(path: path, cookieFields: [try signer.cookies(policy).field])
        #expect(viewer.check(verifier) == denied(.accessDenied, .url))
    }

    @Test func `ECDSA keys verify beside RSA keys, each with its own scheme`() throws {
        let ecKey = try PrivateKey.generateP256()
        let verifier = SignedAccessVerifier(keys: ["KRSA": key.publicKey, "KEC": ecKey.publicKey])
        let cookies = try CloudFrontSigner(key: ecKey, keyPairId: "KEC", hash: .sha256).cookies(policy)
        #expect(Viewer(cookieFields: [cookies.field]).check(verifier).isAllowed)
        let swapped: [CloudFrontSigner.Cookie] = cookies.map { ($0.name, $0.value == "KEC" ? "KRSA" : $0.value) }
        #expect(Viewer(cookieFields: [swapped.field]).check(verifier) == denied(.accessDenied, .signature))
    }

    @Test func `a connection's memo does not speak for a verifier with other keys`() throws {
        let viewer = Viewer(cookieFields: [try signer.cookies(policy).field])
        var memo = AccessMemo()
        #expect(viewer.check(verifier, memo: &memo).isAllowed)
        let rotated = SignedAccessVerifier(keys: ["K2NEXT": try PrivateKey.generateP256().publicKey])
        #expect(viewer.check(rotated, memo: &memo) == denied(.invalidKey, .keyUnknown))
        #expect(viewer.check(verifier, memo: &memo).isAllowed)
    }

    @Test func `a Cookie field that comes again is still judged by time, address and path`() throws {
        let policy = CloudFrontPolicy(
            resource: "https://cdn.example.com/media/42/*", expires: 1_800_000_100,
            source: IPNetwork("192.0.2.0/24"))
        var viewer = Viewer(cookieFields: ["theme=dark; " + (try signer.cookies(policy)).field])
        var memo = AccessMemo()
        for _ in 0..<3 { #expect(viewer.check(verifier, memo: &memo).isAllowed) }
        viewer.path = "/media/43/index.m3u8"
        #expect(viewer.check(verifier, memo: &memo) == denied(.accessDenied, .resource))
        viewer.path = "/media/42/index.m3u8"
        viewer.peer = [198, 51, 100, 1]
        #expect(viewer.check(verifier, memo: &memo) == denied(.accessDenied, .address))
        viewer.peer = [192, 0, 2, 77]
        viewer.now = 1_800_000_100
        #expect(viewer.check(verifier, memo: &memo) == denied(.accessDenied, .expired))
        viewer.now -= 1
        #expect(viewer.check(verifier, memo: &memo).isAllowed)
    }

    @Test func `a Cookie field that differs in one byte is taken apart again`() throws {
        let policy = CloudFrontPolicy(resource: "https://cdn.example.com/media/42/*", expires: 1_800_000_100)
        let field = try signer.cookies(policy).field
        var memo = AccessMemo()
        #expect(Viewer(cookieFields: [field]).check(verifier, memo: &memo).isAllowed)
        let parts = field.split(separator: "Signature=", maxSplits: 1)
        let first = parts[1].first == "A" ? "B" : "A"
        let altered = Viewer(cookieFields: ["\(parts[0])Signature=\(first)\(parts[1].dropFirst())"])
        #expect(altered.check(verifier, memo: &memo) == denied(.accessDenied, .signature))
        #expect(Viewer(cookieFields: [field]).check(verifier, memo: &memo).isAllowed)
    }

    @Test func `a query with signing parameters speaks before a Cookie field that is known`() throws {
        let policy = CloudFrontPolicy(resource: "https://cdn.example.com/media/42/*", expires: 1_800_000_100)
        var viewer = Viewer(cookieFields: [try signer.cookies(policy).field])
        var memo = AccessMemo()
        #expect(viewer.check(verifier, memo: &memo).isAllowed)
        viewer.query = "Policy=x&Signature=y&Key-Pair-Id=K2WEIR"
        #expect(viewer.check(verifier, memo: &memo).denial != nil)
    }

    @Test func `more policies than the memo holds are still all judged right`() throws {
        let small = SignedAccessVerifier(keys: ["K2WEIR": key.publicKey], memoCapacity: 2)
        let viewers = try (0..<5).map { number in
            let policy = CloudFrontPolicy(resource: "https://*/media/\(number)/*", expires: 1_900_000_000)
            return (number, try signer.cookies(policy).field)
        }
        for _ in 0..<2 {
            for (number, field) in viewers {
                #expect(Viewer(path: "/media/\(number)/a", cookieFields: [field]).check(small).isAllowed)
                #expect(Viewer(path: "/media/9/a", cookieFields: [field]).check(small).denial != nil)
            }
        }
    }
}
