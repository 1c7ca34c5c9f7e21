import JSON
import Testing

@testable import UploadView

@Suite struct UploadViewTests {
    private static let state: JSONValue = [
        "status": "transcoding", "progress": 0.5, "playable": true, "durationSeconds": 5_400,
        "estimatedSecondsLeft": 75,
        "renditions": [
            ["name": "360p", "publishedSeconds": 3_723.4], ["name": "audio", "publishedSeconds": 7],
        ],
    ]

    @Test func `a stream is read alike wherever it is cut`() throws {
        let text = "event: status\nid: 7\ndata: {\"a\":\ndata: 1}\n\n: still here\n\nevent: deleted\r\ndata: {}\r\n\r\n"
        let expected = [
            EventStreamReader.Event(name: "status", data: "{\"a\":\n1}"), .init(name: "deleted", data: "{}"),
        ]
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var reader = EventStreamReader()
            let events = try reader.read(Array(bytes[..<cut])) + reader.read(Array(bytes[cut...]))
            #expect(events == expected)
        }
    }

    @Test(arguments: ["A", "data\n", "data:\n", "data: A\n"])
    func `an event without end is given up`(piece: String) {
        var reader = EventStreamReader(maximumBytes: 1000)
        #expect(throws: EventStreamReader.TooLarge.self) {
            for _ in 0...1000 { _ = try reader.read(Array(piece.utf8)) }
        }
    }

    @Test func `a value may begin with a mark that joins what is before it`() throws {
        var reader = EventStreamReader()
        let events = try reader.read(Array("event:\u{301}a\ndata: \u{301}b\n\n".utf8))
        #expect(events == [EventStreamReader.Event(name: "\u{301}a", data: "\u{301}b")])
    }

    @Test func `the line fits its terminal and tells the most important first`() throws {
        let line = ProgressLine(try #require(UploadState(json: Self.state)))
        #expect(
            line.text(width: 100)
                == "  [############............] 50 %  transcoding  about 1:15 left  360p 1:02:03  audio 0:07")
        #expect(line.text(width: 60) == "  [############............] 50 %  transcoding")
        for width in 0...120 { #expect(line.text(width: width).count < max(width, 1)) }
    }

    @Test func `who reads line by line gets a line per step`() throws {
        let state = try #require(UploadState(json: Self.state))
        var later = state
        later.progress = 0.55
        #expect(ProgressLine(later).news(since: state) == nil)
        later.progress = 0.6
        #expect(ProgressLine(later).news(since: state)?.hasPrefix("  transcoding 60 %  about 1:15 left") == true)
        later.status = "ready"
        #expect(ProgressLine(later).news(since: later) == nil)
        #expect(ProgressLine(later).news(since: state)?.hasPrefix("  ready") == true)
    }

    @Test func `data that tells no status is no state, and a share is one`() throws {
        #expect(UploadState(json: ["progress": 1]) == nil)
        #expect(UploadState(json: ["status": "queued", "progress": 7])?.progress == 1)
    }
}
