import Glibc

/// Programs that tests start, to kill them or to lock them up.
public enum ProbeProgram {
    /// Where the program of that name lies: beside the test program.
    public static func path(of name: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? 0
        }
        let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        // Under `swift test` the program is a helper of the toolchain, and the tests are what it was given to load.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? path
        return bundle.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + name
    }
}
