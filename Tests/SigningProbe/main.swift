import AccessSigning
import Bytes
import Crypto
import Glibc
import HTTPWire

// Measures what a check of signed access costs. Build it in release.
//
//   SigningProbe [ROUNDS]    prints a line `KEY WAY: N ns` for each, the least of so many rounds (default 5)

func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Bytes that stay where they are, as in a connection's buffer.
func kept(_ text: String) -> UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 16)
    bytes.copyBytes(from: text.utf8)
    return UnsafeRawBufferPointer(bytes)
}

/// What a player asks for, again and again.
struct Viewer {
    let host = kept("tv.example.com")
    let path = kept("/media/0197f3c2-7d3e-7a11-9f00-3c5e8a1b2c3d/720p/00042.m4s")
    static let peer = IPAddress("192.0.2.10")
    let cookie: UnsafeRawBufferPointer?
    let query: UnsafeRawBufferPointer?

    func check(_ verifier: SignedAccessVerifier, _ memo: inout AccessMemo) -> Bool {
        let request = AccessRequest(
            isTLS: true, host: host, path: path, query: query, cookieField: cookie, peer: Self.peer,
            nowEpochSeconds: 1_800_000_000)
        return verifier.check(request, cookies: { cookies() }, memo: &memo).isAllowed
    }

    private func cookies() -> SignedCookies {
        var cookies = SignedCookies()
        if let cookie { cookies.scan(cookie) }
        return cookies
    }
}

/// Nanoseconds of one call of `body`: the least of fifty short spells, for a machine has other things to do.
func nanoseconds(_ body: () -> Bool) -> Int {
    (0..<50).map { _ in spell(body) }.min() ?? 0
}

/// Over two thousandths of a second.
private func spell(_ body: () -> Bool) -> Int {
    var calls = 0
    let start = now()
    var end = start
    while end - start < 2_000_000 {
        for _ in 0..<16 where !body() { fatalError("a good viewer was refused") }
        calls += 16
        end = now()
    }
    return (end - start) / calls
}

func viewers(_ signer: CloudFrontSigner, count: Int) throws -> (cookies: [Viewer], queries: [Viewer]) {
    let policies = (0..<count).map { number in
        CloudFrontPolicy(
            resource: "http*://*/media/0197f3c2-7d3e-7a11-9f00-3c5e8a1b2c3d/*", expires: 1_900_000_000 + Int64(number))
    }
    let cookies = try policies.map { policy in
        let field = try signer.cookies(policy).map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        return Viewer(cookie: kept(field), query: nil)
    }
    let queries = try policies.map { policy in
        let url = try signer.signedURL("https://tv.example.com/", policy: policy)
        return Viewer(cookie: nil, query: kept(String(url.split(separator: "?")[1])))
    }
    return (cookies, queries)
}

/// Prints what a check costs with one key.
func measure(_ name: String, _ key: PrivateKey, _ hash: CloudFrontHash, rounds: Int) throws {
    let (cookies, queries) = try viewers(CloudFrontSigner(key: key, keyPairId: "K2WEIRPROBE", hash: hash), count: 2)
    let remembering = SignedAccessVerifier(keys: ["K2WEIRPROBE": key.publicKey])
    // Remembers one policy and is asked about two by turns, so none is remembered.
    let forgetful = SignedAccessVerifier(keys: ["K2WEIRPROBE": key.publicKey], memoCapacity: 1)
    func report(_ way: String, _ body: () -> Bool) {
        let least = (0..<rounds).map { _ in nanoseconds(body) }.min() ?? 0
        print("\(name) \(way): \(least) ns")
    }
    var turn = 0
    report("verified") {
        turn ^= 1
        var memo = AccessMemo()
        return cookies[turn].check(forgetful, &memo)
    }
    for (source, viewers) in [("cookies", cookies), ("query", queries)] {
        var connection = AccessMemo()
        report("\(source), connection's memo") { viewers[0].check(remembering, &connection) }
        report("\(source), loop's memo") {
            var memo = AccessMemo()
            return viewers[0].check(remembering, &memo)
        }
    }
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
try measure("rsa2048", .generateRSA(bits: 2048), .sha1, rounds: rounds)
try measure("rsa2048-sha256", .generateRSA(bits: 2048), .sha256, rounds: rounds)
try measure("rsa3072", .generateRSA(bits: 3072), .sha256, rounds: rounds)
try measure("rsa4096", .generateRSA(bits: 4096), .sha256, rounds: rounds)
try measure("ecdsap256", .generateP256(), .sha256, rounds: rounds)
