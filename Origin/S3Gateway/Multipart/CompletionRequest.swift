internal import Bytes
internal import Catalog
internal import Crypto
internal import XML

/// The parts a client wants its object to be made of: the body of `CompleteMultipartUpload`.
struct CompletionRequest: Sendable, Equatable {
    struct Part: Sendable, Equatable {
        var number: Int
        /// Without quotes.
        var etag: String
        /// Checksums that the client holds the part against, by algorithm, in base64.
        var checksums: [String: String]
    }

    /// In ascending order; at least one.
    let parts: [Part]

    /// What tells this request from another one for the same upload.
    var fingerprint: String {
        let text = parts.map { "\($0.number) \($0.etag)\n" }.joined()
        return Hex.encode(Digest.sha256(Array(text.utf8)))
    }

    /// Reads the document; elements it does not know, and their order, mean nothing.
    init(_ document: XMLElement) throws(S3Error) {
        guard document.name == "CompleteMultipartUpload" else {
            throw .malformedXML("the root element is no CompleteMultipartUpload.")
        }
        let elements = document.all("Part")
        guard !elements.isEmpty else { throw .malformedXML("at least one Part must be specified.") }
        guard elements.count <= MultipartUpload.maximumParts else { throw .tooManyParts }
        var parts: [Part] = []
        for element in elements {
            let part = try Self.part(element)
            guard part.number > parts.last?.number ?? 0 else { throw .invalidPartOrder }
            parts.append(part)
        }
        self.parts = parts
    }

    private static func part(_ element: XMLElement) throws(S3Error) -> Part {
        guard let number = element.first("PartNumber")?.text, let tag = element.first("ETag")?.text else {
            throw .malformedXML("a Part needs a PartNumber and an ETag.")
        }
        var part = Part(
            number: try MultipartCall.partNumber(ASCII.trimmed(number)), etag: unquoted(ASCII.trimmed(tag)),
            checksums: [:])
        for algorithm in ChecksumAlgorithm.allCases {
            part.checksums[algorithm.rawValue] = element.first(algorithm.element).map { ASCII.trimmed($0.text) }
        }
        return part
    }

    private static func unquoted(_ tag: String) -> String {
        guard tag.utf8.count >= 2, tag.utf8.first == UInt8(ascii: "\""), tag.utf8.last == UInt8(ascii: "\"") else {
            return tag
        }
        return String(tag.dropFirst().dropLast())
    }
}

extension ChecksumAlgorithm {
    /// Its name in S3's documents, such as `ChecksumCRC32`.
    var element: String { "Checksum\(rawValue.uppercased())" }
}
