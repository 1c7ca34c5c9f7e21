import Daemon
import JSON

/// `ready.json`, as the commands read it; its keys are part of the outside contract.
struct ReadyFile {
    private let values: JSONValue
    private let path: String

    init(_ path: String) throws {
        self.path = path
        do {
            values = try JSONValue.parse(try File.read(path))
        } catch let error as FileError {
            throw CommandFailure("\(error); is `weir up` running? Give its file with --ready")
        }
    }

    subscript(_ key: String) -> String {
        get throws(CommandFailure) {
            guard let value = values[key]?.string else { throw CommandFailure("\(path) has no \(key)") }
            return value
        }
    }
}
