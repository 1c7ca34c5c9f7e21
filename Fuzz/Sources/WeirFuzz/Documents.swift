import AccessSigning
import Bytes
import Crypto
import HTTPWire
import JSON
import Playlist
import XML

/// JSON that is read is written and read as the same value.
func fuzzJSON(_ bytes: UnsafeRawBufferPointer) {
    do {
        let value = try JSONValue.parse(bytes)
        for pretty in [false, true] {
            let text = value.serialized(pretty: pretty)
            let again = try? JSONValue.parse(text, limits: JSONLimits(maximumBytes: .max))
            require(again == value, "the document reads back differently")
        }
    } catch {
        require(error.offset <= bytes.count && !error.description.isEmpty, "an error outside the text")
    }
}

/// A document that is read is written and read as the same tree.
func fuzzXML(_ bytes: UnsafeRawBufferPointer) {
    guard let root = try? XMLElement.parse([UInt8](bytes)) else { return }
    var document = XMLDocument()
    write(root, into: &document)
    require((try? XMLElement.parse(document.bytes)) == root, "the document reads back differently")
}

private func write(_ element: XMLElement, into document: inout XMLDocument) {
    document.element(element.name) { inner in
        inner.appendText(element.text)
        for child in element.children { write(child, into: &inner) }
    }
}

/// A policy that is read is written and read as the same policy.
func fuzzCloudFrontPolicy(_ bytes: UnsafeRawBufferPointer) {
    guard let policy = CloudFrontPolicy(parsing: [UInt8](bytes)) else { return }
    require(CloudFrontPolicy(parsing: Array(policy.customText.utf8)) == policy, "the policy reads back differently")
}

/// Nobody without the key gets in, whatever cookies and query they send.
func fuzzCloudFrontAccess(_ bytes: UnsafeRawBufferPointer) {
    let parts = bytes.split(separator: 0x0a, maxSplits: 2, omittingEmptySubsequences: false).map {
        UnsafeRawBufferPointer(rebasing: $0)
    }
    let path: StaticString = "/media/1/index.m3u8"
    let host: StaticString = "edge.example"
    let verifier = SignedAccessVerifier(keys: [:])
    var memo = AccessMemo()
    let request = AccessRequest(
        isTLS: true, host: UnsafeRawBufferPointer(start: host.utf8Start, count: host.utf8CodeUnitCount),
        path: parts.count > 2 ? parts[2] : UnsafeRawBufferPointer(start: path.utf8Start, count: path.utf8CodeUnitCount),
        query: parts.count > 1 ? parts[1] : nil, cookieField: parts[0], peer: IPAddress(bytes: [127, 0, 0, 1]),
        nowEpochSeconds: 1_795_230_000)
    require(
        !verifier.check(request, cookies: { SignedCookies(scanning: [parts[0]]) }, memo: &memo).isAllowed,
        "a stranger got in")
    guard parts.count > 1 else { return }
    var stripped = GrowableBuffer()
    SignedQuery.strip(parts[1], into: &stripped)
    require(!SignedQuery.hasSigningParameters(stripped.readable), "a signing parameter was left in the query")
}

/// A Signature Version 4 claim is read or refused, never more.
func fuzzSigV4(_ bytes: UnsafeRawBufferPointer) {
    var lines = bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    let path = lines.isEmpty ? "/" : lines.removeFirst()
    let query = lines.isEmpty ? "" : lines.removeFirst()
    let headers: [SigV4Request.Header] = lines.map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (parts.first.map { String($0) } ?? "", parts.count > 1 ? String(parts[1]) : "")
    }
    let request = SigV4Request(method: "GET", path: path, query: query, headers: headers)
    guard let claim = try? SigV4Authorization.parse(request) else { return }
    require(!claim.signedHeaders.isEmpty, "a claim over no header")
}

/// A playlist that is read is written to a text that is read as the same playlist.
func fuzzPlaylist(_ bytes: UnsafeRawBufferPointer) {
    let text = [UInt8](bytes)
    if let media = try? MediaPlaylist(parsing: text) {
        let again = try? MediaPlaylist(parsing: Array(media.text.utf8))
        require(again?.text == media.text, "the media playlist reads back differently")
    }
    if let multivariant = try? MultivariantPlaylist(parsing: text) {
        let again = try? MultivariantPlaylist(parsing: Array(multivariant.text.utf8))
        require(again?.text == multivariant.text, "the multivariant playlist reads back differently")
    }
}
