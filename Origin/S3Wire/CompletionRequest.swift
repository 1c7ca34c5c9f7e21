internal import Bytes
internal import XML

/// The parts a client wants its object to be made of: the body of `CompleteMultipartUpload`.
public struct CompletionRequest: Sendable, Equatable {
    /// One of them.
    public struct Part: Sendable, Equatable {
        /// Its place among the parts, from 1.
        public let number: Int
        /// Without quotes.
        public let etag: String
        /// Checksums that the client holds the part against, in base64, by the names of their elements, such as `ChecksumCRC32`.
        public let checksums: [String: String]
    }

    /// Why a document is no list of parts.
    public enum Failure: Error, Equatable {
        /// No XML, or not the elements that are needed.
        case malformed(String)
        /// The number of a part is none.
        case partNumber
        /// A part after one with the same or a higher number.
        case partOrder
        /// More parts than an upload may have.
        case tooManyParts
    }

    /// In ascending order; at least one.
    public let parts: [Part]

    /// Reads the document; elements it does not know, and their order, mean nothing. Parts are numbered from 1 to `maximumParts`.
    public init(_ bytes: [UInt8], maximumParts: Int) throws(Failure) {
        let document: XMLElement
        do throws(XMLError) {
            // A part has its number, its ETag and checksums.
            document = try XMLElement.parse(bytes, limits: XMLLimits(depth: 8, elements: 10 * maximumParts))
        } catch {
            throw .malformed("\(error)")
        }
        guard document.name == "CompleteMultipartUpload" else {
            throw .malformed("the root element is no CompleteMultipartUpload.")
        }
        let elements = document.all("Part")
        guard !elements.isEmpty else { throw .malformed("at least one Part must be specified.") }
        guard elements.count <= maximumParts else { throw .tooManyParts }
        var parts: [Part] = []
        for element in elements {
            let part = try Self.part(element, maximumParts)
            guard part.number > parts.last?.number ?? 0 else { throw .partOrder }
            parts.append(part)
        }
        self.parts = parts
    }

    private static func part(_ element: XMLElement, _ maximumParts: Int) throws(Failure) -> Part {
        guard let text = element.first("PartNumber")?.text, let tag = element.first("ETag")?.text else {
            throw .malformed("a Part needs a PartNumber and an ETag.")
        }
        guard let number = PartNumber.parse(ASCII.trimmed(text), upTo: maximumParts) else { throw .partNumber }
        var checksums: [String: String] = [:]
        for child in element.children where child.name.hasPrefix("Checksum") && checksums[child.name] == nil {
            checksums[child.name] = ASCII.trimmed(child.text)
        }
        return Part(number: number, etag: unquoted(ASCII.trimmed(tag)), checksums: checksums)
    }

    private static func unquoted(_ tag: String) -> String {
        guard tag.utf8.count >= 2, tag.utf8.first == UInt8(ascii: "\""), tag.utf8.last == UInt8(ascii: "\"") else {
            return tag
        }
        return String(tag.dropFirst().dropLast())
    }
}

/// The number of a part, as it stands in a query or a document.
public enum PartNumber {
    /// Nil unless `text` is a decimal number from 1 to `last`.
    public static func parse(_ text: String, upTo last: Int) -> Int? {
        guard let number = ASCII.parseDecimal(text), (1...UInt64(last)).contains(number) else { return nil }
        return Int(number)
    }
}
