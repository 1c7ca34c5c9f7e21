import AccessSigning
import Bytes
import CBOR
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

/// A value that is read is written as the same bytes.
func fuzzCBOR(_ bytes: UnsafeRawBufferPointer) {
    let given = [UInt8](bytes)
    do {
        let (value, count) = try CBORValue.parseFirst(given[...])
        require(value.encoded() == Array(given[..<count]), "the value is written differently")
        require((try? CBORValue.parse(Array(given[..<count]))) == value, "the value reads back differently")
    } catch {
        require(error.offset <= given.count, "an error outside the bytes")
    }
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
