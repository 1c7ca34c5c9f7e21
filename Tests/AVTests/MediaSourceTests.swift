import AV
import Glibc
import MediaPlan
import Testing

/// The clip that stands in `Tests/Fixtures`.
let clip = fixture("big-buck-bunny-720p25.mp4")

func fixture(_ name: String) -> String {
    let folders = #filePath.split(separator: "/").dropLast(2)
    return "/" + folders.joined(separator: "/") + "/Fixtures/" + name
}

/// Opens `path` for the time of `body`.
func withFile<R>(_ path: String, _ body: (Int32) throws -> R) throws -> R {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0, "cannot open \(path)")
    defer { close(descriptor) }
    return try body(descriptor)
}

/// Gives `bytes` as a file without a name.
func withBytes<R>(_ bytes: [UInt8], _ body: (Int32) throws -> R) throws -> R {
    let file = try #require(tmpfile())
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fflush(file)
    return try body(fileno(file))
}

@Suite struct MediaSourceTests {
    @Test func `a film's streams are described`() throws {
        try withFile(clip) { descriptor in
            let media = try MediaSource(borrowing: descriptor).media
            #expect(media.container.contains("mp4"))
            let video = try #require(media.video)
            #expect((video.width, video.height) == (1280, 720))
            #expect(video.codec == "h264")
            #expect(video.declaredRate == Rational(25, 1))
            #expect(!video.isInterlaced)
            #expect(media.streams.map(\.kind) == [.video, .audio])
            #expect(video.orientation == .upright)
            #expect(video.transfer == .sdr)
            let audio = try #require(media.audio.first)
            #expect((audio.codec, audio.channels, audio.sampleRate) == ("aac", 6, 48_000))
            #expect(try #require(media.durationSeconds) > 5)
        }
    }

    @Test(arguments: [
        ("plain words, repeated until there are enough of them to look at. ", 40, "no known container"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", 1, "other files"),
        ("ffconcat version 1.0\nfile /etc/passwd\n", 1, "other files"),
        ("", 1, "no known container"),
    ])
    func `what is no media, or only names other files, is refused in words`(
        text: String, times: Int, words: String
    ) throws {
        let bytes = Array(String(repeating: text, count: times).utf8)
        try withBytes(bytes) { descriptor in
            let error = #expect(throws: MediaRejection.self) { try MediaSource(borrowing: descriptor) }
            #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "no error")")
        }
    }

    @Test func `a picture larger than the limit is refused before it is decoded`() throws {
        try withFile(clip) { descriptor in
            let error = #expect(throws: MediaRejection.self) {
                try MediaSource(borrowing: descriptor, limits: .init(maximumPixels: 640 * 480))
            }
            #expect(error?.reason.contains("1280×720") == true)
        }
    }

    @Test func `a file cut anywhere is opened or refused, never a crash`() async throws {
        try await apart {
            let whole = try withFile(clip) { descriptor in
                var bytes = [UInt8](repeating: 0, count: 1_055_736)
                #expect(pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
                return bytes
            }
            for count in stride(from: 0, to: whole.count, by: 50_021) {
                try withBytes(Array(whole[..<count])) { descriptor in
                    do {
                        let source = try MediaSource(borrowing: descriptor)
                        let packet = try Packet()
                        while source.read(into: packet) {}
                    } catch let rejection as MediaRejection {
                        #expect(!rejection.reason.isEmpty)
                    }
                }
            }
        }
    }
}
