import Configuration
import Daemon

/// Secrets that a command is pointed to, so that they need not stand on a command line.
enum SecretFile {
    static func read(_ path: String) throws -> String { try SecretSource.file(path).resolve() }
}
