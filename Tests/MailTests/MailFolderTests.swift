import Daemon
import TestKit
import Testing

@testable import Mail

@Suite struct MailFolderTests {
    private let directory = TemporaryDirectory()

    private func message(_ id: String, at milliseconds: Int64) throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress("weir@localhost")), to: .named("ann"),
            content: MailContent(subject: "Hi", text: "Hello"), id: id, sentAt: milliseconds)
    }

    @Test func `each message is a file of the operator's alone, and names sort by time`() async throws {
        let path = directory.file("made/mail")
        let folder = try MailFolder(path: path)
        let messages = [try message("b", at: 1_800_000_000_009), try message("a", at: 1_800_000_000_010)]
        for message in messages { try await folder.send(message) }
        let names = try File.names(in: path).sorted()
        #expect(names == ["20270115T080000.009Z-b.eml", "20270115T080000.010Z-a.eml"])
        for (name, message) in zip(names, messages) {
            let file = try #require(readFile("\(path)/\(name)"))
            #expect(file.bytes == message.bytes && file.mode == 0o600)
        }
    }

    @Test func `a message that cannot be written is not taken`() async throws {
        let path = directory.file("file")
        try File.writeAtomically([], to: path, mode: 0o600)
        let folder = try MailFolder(path: path)
        await #expect(throws: FileError.self) { try await folder.send(message("a", at: 0)) }
    }
}
