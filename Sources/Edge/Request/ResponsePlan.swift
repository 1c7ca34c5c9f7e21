import Bytes
import HTTPWire

/// What a response sends.
enum ResponsePlan: Equatable {
    case whole
    case part(Range<Int>)
    case parts(MultipartRanges)
    case notModified
    case preconditionFailed
    case unsatisfiable
}

extension ResponsePlan {
    /// The status of a response to an origin's response of that status.
    func code(of status: Int) -> Int {
        switch self {
        case .whole: status
        case .part, .parts: 206
        case .notModified: 304
        case .preconditionFailed: 412
        case .unsatisfiable: 416
        }
    }

    /// The first byte of the object that is sent.
    var firstByte: Int {
        switch self {
        case .part(let range): range.lowerBound
        case .parts(let multipart): multipart.ranges.map(\.start).min() ?? 0
        case .whole, .notModified, .preconditionFailed, .unsatisfiable: 0
        }
    }

    /// Whether nothing of the representation is sent, not even what it is.
    var isRefusal: Bool {
        switch self {
        case .preconditionFailed, .unsatisfiable: true
        case .whole, .part, .parts, .notModified: false
        }
    }

    /// Writes the fields of the representation as far as they fit the response. A refusal is not to be kept in place of the
    /// representation, whatever that says of its lifetime.
    func writeFields(_ block: UnsafeRawBufferPointer, to writer: inout HeadWriter) {
        switch self {
        case .whole, .part: writer.buffer.append(block)
        case .parts(let multipart):
            FieldBlock.write(block, to: &writer) { ASCII.equalsIgnoringCase($0, "content-type") }
            multipart.writeContentType(to: &writer)
        case .notModified: FieldBlock.write(block, to: &writer, except: FieldBlock.describesContent)
        case .preconditionFailed, .unsatisfiable: writer.field("Cache-Control", "no-store")
        }
    }

    func writeContentRange(to writer: inout HeadWriter, length: Int) {
        switch self {
        case .part(let range): writer.contentRange(ByteRange(start: range.lowerBound, count: range.count), of: length)
        case .unsatisfiable:
            writer.buffer.append("Content-Range: bytes */")
            writer.buffer.append(decimal: length)
            writer.buffer.append("\r\n")
        case .whole, .parts, .notModified, .preconditionFailed: break
        }
    }
}
