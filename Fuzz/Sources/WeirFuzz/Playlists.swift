import Bytes
import HTTPWire
import Playlist

/// A playlist that is read is written to a text that is read as the same playlist, and reading it leniently finds no fault.
func fuzzPlaylist(_ bytes: UnsafeRawBufferPointer) {
    let text = [UInt8](bytes)
    let lenient = (MediaPlaylist.reading(text), MultivariantPlaylist.reading(text))
    require(lenient.0.lines.segments.count == lenient.0.playlist.segments.count, "a segment stands on no line")
    require(lenient.1.lines.variants.count == lenient.1.playlist.variants.count, "a variant stands on no line")
    if let media = try? MediaPlaylist(parsing: text) {
        require(lenient.0.problems.isEmpty && lenient.0.playlist == media, "a right playlist has faults")
        let again = try? MediaPlaylist(parsing: Array(media.text.utf8))
        require(again?.text == media.text, "the media playlist reads back differently")
    }
    if let multivariant = try? MultivariantPlaylist(parsing: text) {
        require(lenient.1.problems.isEmpty && lenient.1.playlist == multivariant, "a right playlist has faults")
        let again = try? MultivariantPlaylist(parsing: Array(multivariant.text.utf8))
        require(again?.text == multivariant.text, "the multivariant playlist reads back differently")
    }
}

/// A viewer's grant goes into a playlist the same however its bytes are cut, once, adds nothing else, and leaves the host with no
/// address.
func fuzzPlaylistGrant(_ bytes: UnsafeRawBufferPointer) {
    let text = [UInt8](bytes)
    let rewritten = granted(text, pieces: [])
    require(granted(text, pieces: Array(text.prefix(64))) == rewritten, "a cut makes a difference")
    require(granted(rewritten, pieces: []) == rewritten, "a grant was added twice")
    guard !String(decoding: text, as: UTF8.self).contains("Policy=") else { return }
    require(bare(rewritten) == bare(text), "more than the grant was added")
    for line in rewritten.split(separator: 0x0a) {
        guard line.first != UInt8(ascii: "#"), let url = HTTPURL(String(decoding: line, as: UTF8.self)),
            url.target.contains("Policy=")
        else { continue }
        require(url.host.lowercased() == "edge.example" && url.usesTLS && url.port == 443, "the grant goes elsewhere")
    }
}

private let grant = Array("Policy=p&Signature=s&Key-Pair-Id=K".utf8)

/// - Parameter sizes: of the pieces in which the playlist comes, one after the other, 0 for the rest.
private func granted(_ text: [UInt8], pieces sizes: [UInt8]) -> [UInt8] {
    let query = ChildQuery(grant, host: Array("edge.example".utf8), isTLS: true) { query in
        query.split(separator: UInt8(ascii: "&")).contains { $0.starts(with: "Policy=".utf8) }
    }
    guard let query else { fatalError("no query") }
    var rewriter = PlaylistRewriter(query)
    var output = GrowableBuffer()
    text.withUnsafeBytes { text in
        var rest = text[...]
        for size in sizes {
            rewriter.append(UnsafeRawBufferPointer(rebasing: rest.prefix(Int(size))), to: &output)
            rest = rest.dropFirst(Int(size))
        }
        rewriter.append(UnsafeRawBufferPointer(rebasing: rest), to: &output)
    }
    rewriter.finish(to: &output)
    return output.bytes
}

/// `text` without the grants in it, and without what joins them to an address.
private func bare(_ text: [UInt8]) -> [UInt8] {
    var bare: [UInt8] = []
    var rest = text[...]
    while let first = rest.first {
        if rest.starts(with: grant) {
            rest = rest.dropFirst(grant.count)
        } else {
            if first != UInt8(ascii: "?"), first != UInt8(ascii: "&") { bare.append(first) }
            rest = rest.dropFirst()
        }
    }
    return bare
}
