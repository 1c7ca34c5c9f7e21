import Testing

@testable import HTTPServer

struct ResponseNotesTests {
    private typealias Noted = (String, (first: Int, last: Int)?, Int?)

    private func noted(_ head: String, status: Int = 200, length: Int? = nil) -> Noted {
        var notes = ResponseNotes()
        Array(head.utf8).withUnsafeBytes { notes.note($0, status: status, length: length) }
        #expect(notes.headBytes == head.utf8.count)
        return (String(decoding: notes.contentType, as: UTF8.self), notes.range, notes.contentLength)
    }

    @Test(arguments: ["Content-Type", "content-type", "CONTENT-TYPE"])
    func `The type is found in any case`(name: String) {
        let found = noted(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\(name): video/mp4 \r\n\r\n", length: 5)
        #expect(found.0 == "video/mp4" && found.1 == nil && found.2 == 5)
    }

    @Test func `Of a part the range is noted, before or behind the type`() {
        for lines in [
            "Content-Type: a/b\r\nContent-Range: bytes 5-9/10\r\n",
            "Content-Range: bytes 5-9/10\r\nContent-Type: a/b\r\n",
        ] {
            let found = noted("HTTP/1.1 206 Partial Content\r\n\(lines)\r\n", status: 206)
            #expect(found.0 == "a/b" && found.1?.first == 5 && found.1?.last == 9)
        }
    }

    @Test(arguments: [
        "", "\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Types: x\r\n\r\n", "Content-Typ",
        "X-Content-Type: a/b\r\n", "Content-Language: en-GB\r\n", "Content-Type : a/b\r\n",
    ])
    func `What is not there is not found`(head: String) {
        #expect(noted(head).0 == "")
    }

    @Test(arguments: ["bytes */10", "bytes 1-/10", "bytes", "bytes x-y/z", "1-2/3"])
    func `A range that names no bytes is none`(value: String) {
        #expect(noted("HTTP/1.1 206 Partial Content\r\nContent-Range: \(value)\r\n\r\n", status: 206).1 == nil)
    }

    @Test func `The next response begins anew`() {
        var notes = ResponseNotes()
        Array("HTTP/1.1 206 x\r\nContent-Type: a/b\r\nContent-Range: bytes 1-2/3\r\n\r\n".utf8).withUnsafeBytes {
            notes.note($0, status: 206, length: 2)
        }
        notes.removeAll()
        #expect(notes.headBytes == 0 && notes.contentType.isEmpty && notes.range == nil && notes.contentLength == nil)
    }
}
