import Conformance
import Glibc
import Testing

/// What encoders of other people write, and what was found with invented input: all of it is read without a trap.
@Suite struct CorpusTests {
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/Fuzz/Corpus/media-segments"

    private static var names: [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func read(_ name: String) -> [UInt8] {
        guard let file = fopen("\(folder)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var content = [UInt8](repeating: 0, count: 1 << 16)
        content.removeLast(content.count - fread(&content, 1, content.count, file))
        return content
    }

    /// As the fuzzer reads its input.
    private static func inspect(_ bytes: [UInt8]) -> (facts: RenditionFacts, findings: [Finding]) {
        let length = bytes.count < 3 ? 0 : min(Int(bytes[1]) << 8 | Int(bytes[2]), bytes.count - 3)
        return SegmentInspection.run(
            initialization: length > 0 ? Array(bytes[3..<3 + length]) : nil,
            segments: [Array(bytes.dropFirst(3 + length))],
            isIFrames: bytes.first.map { $0 & 1 != 0 } ?? false)
    }

    @Test(arguments: [
        ("avc", "fmp4", "avc1.64000a"), ("hevc", "fmp4", "hvc1.4.10.L30.9E.8"), ("av1", "fmp4", "av01.0.00M.08"),
        ("aac", "fmp4", "mp4a.40.2"), ("ac3", "fmp4", "ac-3"), ("opus", "fmp4", "opus"),
        ("transport-avc", "mpegts", "avc1.64000a"), ("transport-aac", "mpegts", "mp4a.40.2"),
        ("packed-aac", "packed-audio", "mp4a.40.2"), ("packed-mp3", "packed-audio", "mp4a.40.34"),
        ("webvtt", "webvtt", "wvtt"),
    ])
    func `what the ffmpeg program writes is what it says it is`(name: String, container: String, codec: String) {
        let facts = Self.inspect(Self.read(name)).facts
        #expect(facts.container == container)
        #expect(facts.codecs == [codec])
        if ["avc", "hevc", "av1", "transport-avc"].contains(name) {
            #expect(facts.width == 64)
            #expect(facts.height == 64)
            #expect(facts.frameRate.map { abs($0 - 5) < 0.01 } == true)
        }
    }

    @Test(arguments: names)
    func `every truncation and every flipped byte is measured or refused`(name: String) {
        let whole = Self.read(name)
        for count in stride(from: 0, to: whole.count, by: max(1, whole.count / 64)) {
            let facts = Self.inspect(Array(whole[..<count])).facts
            #expect(facts.bytes <= count)
            var flipped = whole
            flipped[count] ^= 0xff
            #expect(Self.inspect(flipped).findings.allSatisfy { ConformanceRule.isKnown($0.rule.number) })
        }
    }
}
