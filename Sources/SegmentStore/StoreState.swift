internal import Glibc

/// What the last process to hold the directory left as its testament.
struct StoreState: Equatable {
    /// How it ended.
    enum End: String {
        /// It did not say: killed, or still there.
        case running
        /// Nothing is left over, but only the page cache has it all.
        case handed
        /// Nothing is left over and everything is on the disk.
        case clean
    }

    var bootIdentity: String
    var end: End

    static let fileName = "state"

    init(bootIdentity: String, end: End) {
        self.bootIdentity = bootIdentity
        self.end = end
    }

    /// Reads an end and a boot, `clean <boot>`; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let end = End(rawValue: String(words[0])) else { return nil }
        self.init(bootIdentity: String(words[1]), end: end)
    }

    var bytes: [UInt8] { Array("\(end.rawValue) \(bootIdentity)\n".utf8) }

    /// Whether the files are as the last process left them: it closed them in order, or the page cache that took its
    /// writes is still the same.
    static func isTrusted(_ previous: StoreState?, currentBoot: String) -> Bool {
        guard let previous else { return false }
        return previous.end == .clean || (previous.bootIdentity == currentBoot && currentBoot != unknownBoot)
    }

    static let unknownBoot = "unknown"

    /// The kernel's identity of this boot.
    static func currentBoot() -> String {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return unknownBoot }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        return word.isEmpty ? unknownBoot : word
    }
}
