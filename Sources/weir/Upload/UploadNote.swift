import Bytes
import Crypto
import Daemon
import Glibc
import JSON
import ResumableUpload

/// The record of an upload on the disk: beside the file, or, where nothing may be written there, in the user's folder of states.
///
/// Its name says which file and which origin, its content which state of the file.
struct UploadNote {
    private static let mode: UInt32 = 0o600

    private let places: [String]

    /// The note about `file` on its way to `origin`.
    init(about file: FileIdentity, origin: String) {
        let name = "weir-upload-" + Hex.encode(Digest.sha256(Array("\(origin)\n\(file.path)".utf8)).prefix(8)) + ".json"
        let folder = file.path.lastIndex(of: "/").map { String(file.path[..<$0]) } ?? "."
        places = ["\(folder)/.\(name)"] + (Self.stateFolder.map { ["\($0)/\(name)"] } ?? [])
    }

    /// What stands in it; nil when there is none, or one that is not the user's own.
    func read() -> UploadRecord? {
        for place in places where Self.isOwn(place) {
            guard let bytes = try? File.read(place), let json = try? JSONValue.parse(bytes) else { continue }
            if let record = UploadRecord(json: json) { return record }
        }
        return nil
    }

    /// Writes it to the first place that takes it; false when none does.
    func write(_ record: UploadRecord) -> Bool {
        let content = record.json.serialized(pretty: true)
        if (try? File.writeAtomically(content, to: places[0], mode: Self.mode)) != nil { return true }
        guard places.count > 1, let folder = Self.stateFolder else { return false }
        do throws(FileError) {
            try File.makeDirectory(folder, mode: 0o700)
            try File.writeAtomically(content, to: places[1], mode: Self.mode)
        } catch {
            return false
        }
        return true
    }

    func remove() {
        for place in places { unlink(place) }
    }

    /// By the XDG base directory specification.
    private static var stateFolder: String? {
        if let folder = getenv("XDG_STATE_HOME").map({ String(cString: $0) }), folder.hasPrefix("/") {
            return folder + "/weir"
        }
        return getenv("HOME").map { String(cString: $0) + "/.local/state/weir" }
    }

    /// In a folder that others write to, a note of theirs would choose the video.
    private static func isOwn(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_uid == geteuid()
    }
}
