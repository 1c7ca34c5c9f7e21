internal import Daemon
internal import Glibc
internal import JSON
internal import Playlist
internal import Presentation
internal import Synchronization

/// A presentation in a folder, playlists included, for looking at one without an origin. Unlike a store it survives no power
/// loss.
final class LocalPublication: Destination {
    private let directory: String
    private let presentation = Mutex<Presentation?>(nil)

    init(directory: String) { self.directory = directory }

    /// Names what will come; a key is written beside it, for whoever plays or checks the folder.
    func begin(_ outline: PresentationOutline, contentKey: ContentKey?) throws {
        presentation.withLock { $0 = Presentation(outline: outline, isEncrypted: contentKey != nil) }
        if let contentKey { try write(contentKey.bytes, to: Presentation.keyName) }
    }

    /// Share of the work that is stored.
    var progress: Double { presentation.withLock { $0?.progress ?? 0 } }

    func put(_ path: String, _ bytes: [UInt8], hash: String, as kind: FileKind) async throws {
        try write(bytes, to: path)
    }

    /// Notes stored segments and writes the playlists that change; true when it has become playable.
    func commit(_ segments: [StoredSegment]) throws -> Bool {
        try presentation.withLock { presentation in
            guard var next = presentation else { return false }
            let before = next
            for segment in segments { _ = next.add(segment) }
            presentation = next
            let wasPlayable = before.isPlayable
            for rendition in Set(segments.map(\.rendition)).sorted() where !next.playable(rendition: rendition).isEmpty
            {
                try writeList(of: rendition, next, isFinal: false)
            }
            if next.multivariant(isFinal: false) != before.multivariant(isFinal: false) {
                try writeMultivariant(next, isFinal: false)
            }
            return next.isPlayable && !wasPlayable
        }
    }

    /// Writes the final playlists; answers the renditions as measured.
    func finish() throws -> JSONValue {
        try presentation.withLock { presentation in
            guard let presentation else { return [] }
            for rendition in presentation.outline.renditions.indices {
                try writeList(of: rendition, presentation, isFinal: true)
            }
            try writeMultivariant(presentation, isFinal: true)
            return .array(
                presentation.outline.streams.map {
                    presentation.figures(rendition: $0, isFinal: true).json
                })
        }
    }

    private func writeList(of rendition: Int, _ presentation: Presentation, isFinal: Bool) throws {
        guard let list = presentation.list(rendition: rendition, isFinal: isFinal) else { return }
        try write(Array(list.text.utf8), to: list.path)
    }

    private func writeMultivariant(_ presentation: Presentation, isFinal: Bool) throws {
        try write(Array(presentation.multivariant(isFinal: isFinal).text.utf8), to: Presentation.playlistName)
    }

    /// The bytes at a path of this presentation.
    func read(_ path: String) throws(FileError) -> [UInt8] { try File.read("\(directory)/\(path)") }

    /// Readers see the old or the new file.
    private func write(_ bytes: [UInt8], to path: String) throws {
        let target = "\(directory)/\(path)"
        try File.makeDirectory(String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]))
        let temporary = "\(target).tmp"
        guard let file = fopen(temporary, "we") else { throw Failure(path: temporary, code: errno) }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten, rename(temporary, target) == 0 else {
            throw Failure(path: target, code: errno)
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
    }
}
