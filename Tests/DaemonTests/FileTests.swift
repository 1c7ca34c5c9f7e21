import Configuration
import Daemon
import TestKit
import Testing

@Suite struct FileTests {
    private let directory = TemporaryDirectory()

    @Test func `what was written atomically is read back, and replaces what stood there`() throws {
        let path = directory.file("a")
        try File.writeAtomically([1, 2, 3], to: path, mode: 0o600)
        try File.writeAtomically([4], to: path, mode: 0o600)
        #expect(try File.read(path) == [4])
    }

    @Test func `a failed write leaves the old content`() throws {
        let path = directory.file("missing/a")
        #expect(throws: FileError.self) { try File.writeAtomically([1], to: path, mode: 0o600) }
        #expect(!File.exists(path))
    }

    @Test func `an error names the operation, the file and the reason`() {
        let path = directory.file("none")
        let error = #expect(throws: FileError.self) { try File.read(path) }
        #expect(error?.description == "cannot open \(path): No such file or directory")
    }

    @Test func `directories are made with their parents, and making them again is fine`() throws {
        let path = directory.file("a/b/c")
        try File.makeDirectory(path)
        try File.makeDirectory(path)
        #expect(File.exists(path))
    }

    @Test func `a directory tells the names in it`() throws {
        for name in ["b", ".a"] { try File.writeAtomically([], to: directory.file(name), mode: 0o600) }
        #expect(try File.names(in: directory.path).sorted() == [".a", "b"])
        let error = #expect(throws: FileError.self) { try File.names(in: directory.file("none")) }
        #expect(error?.path == directory.file("none"))
    }

    @Test func `a secret file loses its last line break only`() throws {
        let path = directory.file("secret")
        try File.writeAtomically(Array("s e cret\n".utf8), to: path, mode: 0o600)
        #expect(try SecretSource.file(path).resolve() == "s e cret")
    }

    @Test func `an environment variable that is not set is named`() {
        let error = #expect(throws: SecretUnavailable.self) {
            try SecretSource.environment("WEIR_NO_SUCH_VARIABLE").resolve()
        }
        #expect(error?.description.contains("WEIR_NO_SUCH_VARIABLE") == true)
    }
}
