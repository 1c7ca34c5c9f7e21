import Daemon
import Glibc

/// Where Weir's programs are.
enum Programs {
    /// The folder of this program: the other three stand beside it.
    static func directory() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0 else { throw CommandFailure("cannot read /proc/self/exe to find weir-edge and its siblings") }
        let program = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(program[..<(program.lastIndex(of: "/") ?? program.endIndex)])
    }

    /// Leaves this process to one of the siblings; returns only by throwing.
    static func become(_ name: String, _ arguments: [String]) throws -> Never {
        let path = "\(try directory())/\(name)"
        var words = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
        throw CommandFailure("cannot start \(path): \(String(cString: strerror(errno)))")
    }
}
