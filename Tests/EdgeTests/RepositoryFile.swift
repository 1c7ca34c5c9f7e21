import Glibc

/// Files that an operator gets with the source, as the tests find them.
enum RepositoryFile {
    static func read(_ path: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        guard let file = fopen("\(root)/\(path)", "r") else { throw MissingFile(path: "\(root)/\(path)") }
        defer { fclose(file) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count == 0 { return content }
            content += block[..<count]
        }
    }

    struct MissingFile: Error {
        let path: String
    }
}
