public import Bytes

/// Adds a query to every child of a playlist while the playlist passes by.
///
/// Works on lines, so it wants neither a valid playlist nor a known kind: an address stands on a line of its own or in an
/// attribute of a tag. Bytes that do not begin with `#EXTM3U` and lines longer than `longestLine` pass as they are. What is held
/// back is at most one line; how the bytes are cut makes no difference to the result.
public struct PlaylistRewriter: ~Copyable {
    /// A longer line is no address that a player could ask for.
    public static let longestLine = 32_768

    private enum Place {
        case firstLine
        case lines
        /// In a line that is too long, up to its end.
        case overlongLine
        /// In something else than a playlist.
        case foreign
    }

    private let query: ChildQuery
    private var place = Place.firstLine
    /// The beginning of a line whose end has not come yet.
    private var line = GrowableBuffer()

    /// A rewriter at the start of a playlist.
    public init(_ query: ChildQuery) {
        self.query = query
    }

    /// Takes the next bytes of the playlist and appends what they become.
    public mutating func append(_ bytes: UnsafeRawBufferPointer, to output: inout GrowableBuffer) {
        var rest = bytes
        while !rest.isEmpty {
            if case .foreign = place { return output.append(rest) }
            let end = ByteSearch.firstIndex(of: 0x0a, in: rest).map { $0 + 1 }
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
            rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
            take(piece, isEnd: end != nil, to: &output)
        }
    }

    /// Appends what has been held back, at the end of the playlist.
    public mutating func finish(to output: inout GrowableBuffer) {
        endLine(to: &output)
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer, isEnd: Bool, to output: inout GrowableBuffer) {
        if case .overlongLine = place {
            output.append(piece)
            if isEnd { place = .lines }
            return
        }
        line.append(piece)
        if line.count > Self.longestLine {
            let wasFirst = if case .firstLine = place { true } else { false }
            output.append(line.readable)
            line.removeAll()
            place = wasFirst ? .foreign : isEnd ? .lines : .overlongLine
        } else if isEnd {
            endLine(to: &output)
        }
    }

    private mutating func endLine(to output: inout GrowableBuffer) {
        guard !line.isEmpty else { return }
        let all = line.readable
        let hasEnd = all.last == 0x0a
        let hasReturn = hasEnd && all.count > 1 && all[all.count - 2] == 0x0d
        let end = all.count - (hasReturn ? 2 : hasEnd ? 1 : 0)
        let text = UnsafeRawBufferPointer(rebasing: all[..<end])
        if case .firstLine = place {
            place = text.starts(with: "#EXTM3U".utf8) ? .lines : .foreign
            output.append(text)
        } else if text.first == UInt8(ascii: "#") {
            PlaylistTag.append(text, query, to: &output)
        } else if !text.isEmpty {
            query.append(text, to: &output)
        }
        output.append(UnsafeRawBufferPointer(rebasing: all[end...]))
        line.removeAll()
    }
}

/// The addresses in a tag.
private enum PlaylistTag {
    /// Attributes that hold the address of a child, whatever the tag (RFC 8216bis, and its interstitials).
    private static func isAddress(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 3: ByteSearch.equal(name, "URI")
        case 10: ByteSearch.equal(name, "SERVER-URI")
        case 11: ByteSearch.equal(name, "X-ASSET-URI")
        case 12: ByteSearch.equal(name, "X-ASSET-LIST")
        default: false
        }
    }

    static func append(_ text: UnsafeRawBufferPointer, _ query: ChildQuery, to output: inout GrowableBuffer) {
        guard text.starts(with: "#EXT-X-".utf8), let colon = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: text)
        else { return output.append(text) }
        let name = UnsafeRawBufferPointer(rebasing: text[..<colon])
        output.append(UnsafeRawBufferPointer(rebasing: text[...colon]))
        let value = UnsafeRawBufferPointer(rebasing: text[(colon + 1)...])
        // Segments to come, announced by packagers for low latency: a bare address.
        if ByteSearch.equal(name, "#EXT-X-PREFETCH") {
            query.append(value, to: &output)
        } else {
            appendAttributes(value, query, to: &output)
        }
    }

    /// As far as the list is one: the rest passes as it is.
    private static func appendAttributes(
        _ list: UnsafeRawBufferPointer, _ query: ChildQuery, to output: inout GrowableBuffer
    ) {
        let quote = UInt8(ascii: "\"")
        var done = 0
        var position = 0
        while let equals = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: list, from: position) {
            let name = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: list[position..<equals]))
            var end = equals + 1
            if end < list.count, list[end] == quote {
                guard let close = ByteSearch.firstIndex(of: quote, in: list, from: end + 1) else { break }
                if isAddress(name) {
                    output.append(UnsafeRawBufferPointer(rebasing: list[done...end]))
                    query.append(UnsafeRawBufferPointer(rebasing: list[(end + 1)..<close]), to: &output)
                    done = close
                }
                end = close + 1
            }
            guard let comma = ByteSearch.firstIndex(of: UInt8(ascii: ","), in: list, from: end) else { break }
            position = comma + 1
        }
        output.append(UnsafeRawBufferPointer(rebasing: list[done...]))
    }
}
