internal import Daemon

/// Writes a presentation into a folder, for looking at one without an origin.
struct DirectoryDestination: Destination {
    let directory: String

    func put(_ path: String, _ bytes: [UInt8], as kind: FileKind) async throws {
        let target = "\(directory)/\(path)"
        let end = target.lastIndex(of: "/") ?? target.startIndex
        try File.makeDirectory(String(target[..<end]))
        try File.writeAtomically(bytes, to: target, mode: 0o644)
    }
}
