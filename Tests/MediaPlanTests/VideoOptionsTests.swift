import JSON
import MediaPlan
import Testing

@Suite struct VideoOptionsTests {
    @Test func `H.264 is made whatever is said, and first`() throws {
        #expect(VideoOptions().codecs == [.h264])
        #expect(try VideoOptions(json: ["codecs": []]).codecs == [.h264])
        #expect(VideoOptions(codecs: VideoCodec.allCases.reversed()).codecs == VideoCodec.allCases)
    }

    @Test func `what is not mentioned is as usual`() throws {
        let usual = VideoOptions(codecs: VideoCodec.allCases)
        #expect(try VideoOptions(json: [:], usual: usual) == usual)
        #expect(try VideoOptions(json: ["codecs": ["h264"]], usual: usual).codecs == [.h264])
        #expect(try VideoOptions(json: usual.json) == usual)
        let encrypted = VideoOptions(encryption: .aes128)
        #expect(try VideoOptions(json: ["codecs": ["h264"]], usual: encrypted) == encrypted)
        #expect(try VideoOptions(json: ["encryption": "none"], usual: encrypted) == VideoOptions())
        #expect(try VideoOptions(json: encrypted.json) == encrypted)
        #expect(VideoOptions().encryption == .none)
    }

    static let wrong: [(JSONValue, key: String, word: String)] = [
        ([], "", "object"), ("h264", "", "object"), (["codec": ["h264"]], "codec", "codecs"),
        (["codecs": "h264"], "codecs", "h264"), (["codecs": ["h264", "vp9"]], "codecs[1]", "\"vp9\""),
        (["encryption": "aes-256"], "encryption", "aes-128"), (["encryption": true], "encryption", "aes-128"),
        (["codecs": [264]], "codecs[0]", "no text"), (["codecs": ["H264"]], "codecs[0]", "h264"),
    ]

    @Test(arguments: wrong)
    func `anything else is refused by its key, with what there is`(
        _ json: JSONValue, key: String, word: String
    ) throws {
        let error = #expect(throws: VideoOptions.Wrong.self) { try VideoOptions(json: json) }
        #expect(error?.key == key)
        #expect(error?.message.contains(word) == true)
    }
}
