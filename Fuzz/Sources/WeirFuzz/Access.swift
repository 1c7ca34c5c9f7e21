import AccessSigning
import Bytes
import Crypto
import HTTPWire

/// A policy that is read is written and read as the same policy; so is a block of addresses.
func fuzzCloudFrontPolicy(_ bytes: UnsafeRawBufferPointer) {
    if let block = IPNetwork(String(decoding: bytes, as: UTF8.self)) {
        require(IPNetwork(block.description) == block, "the block reads back differently")
        require(block.contains(block.address), "a block without its own address")
    }
    guard let policy = CloudFrontPolicy(parsing: [UInt8](bytes)) else { return }
    require(CloudFrontPolicy(parsing: Array(policy.customText.utf8)) == policy, "the policy reads back differently")
}

/// Nobody without the key gets in, whatever cookies and query they send, nor on a connection on which somebody with it was.
func fuzzCloudFrontAccess(_ bytes: UnsafeRawBufferPointer) {
    let parts = bytes.split(separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false).map {
        UnsafeRawBufferPointer(rebasing: $0)
    }
    let viewer = Viewer.withKey
    var memo = AccessMemo()
    require(
        viewer.isOpen(cookies: viewer.cookies, query: nil, path: nil, &memo), "a viewer with a good policy was refused")
    let isOpen = viewer.isOpen(
        cookies: parts[0], query: parts.count > 1 ? parts[1] : nil, path: parts.count > 2 ? parts[2] : nil, &memo)
    require(!isOpen || viewer.isShown(in: bytes), "a stranger got in")
    guard parts.count > 1 else { return }
    var stripped = GrowableBuffer()
    SignedQuery.strip(parts[1], into: &stripped)
    require(!SignedQuery.hasSigningParameters(stripped.readable), "a signing parameter was left in the query")
    if let grant = SignedQuery.grant(in: parts[1]) {
        let again = grant.withUnsafeBytes { SignedQuery.grant(in: $0) }
        require(again == grant, "a grant of less or more than signing parameters")
    }
}

/// Somebody with good cookies, and the verifier that lets him in.
private final class Viewer {
    /// Made once; a run has one thread.
    nonisolated(unsafe) static let withKey = Viewer()

    private static let host = Array("edge.example".utf8)
    private static let path = Array("/media/1/index.m3u8".utf8)
    private let verifier: SignedAccessVerifier
    private let signature: [UInt8]
    /// Kept for good, like the object.
    let cookies: UnsafeRawBufferPointer

    private init() {
        guard let key = try? PrivateKey.generateP256(),
            let cookies = try? CloudFrontSigner(key: key, keyPairId: "K1").cookies(
                CloudFrontPolicy(resource: "https://edge.example/media/1/*", expires: 1_795_233_600))
        else { fatalError("no key") }
        verifier = SignedAccessVerifier(keys: ["K1": key.publicKey], memoCapacity: 4)
        let field = Array(cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ").utf8)
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: field.count, alignment: 1)
        kept.copyBytes(from: field)
        self.cookies = UnsafeRawBufferPointer(kept)
        signature = Array(cookies[1].value.utf8)
    }

    /// Whether the good signature is among these bytes, by which a stranger would be none.
    func isShown(in bytes: UnsafeRawBufferPointer) -> Bool {
        signature.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: bytes) != nil }
    }

    func isOpen(
        cookies: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?, path: UnsafeRawBufferPointer?,
        _ memo: inout AccessMemo
    ) -> Bool {
        Self.host.withUnsafeBytes { host in
            Self.path.withUnsafeBytes { usual in
                let request = AccessRequest(
                    isTLS: true, host: host, path: path ?? usual, query: query, cookieField: cookies,
                    peer: IPAddress(bytes: [127, 0, 0, 1]), nowEpochSeconds: 1_795_230_000)
                return verifier.check(request, cookies: { SignedCookies(scanning: [cookies]) }, memo: &memo).isAllowed
            }
        }
    }
}
