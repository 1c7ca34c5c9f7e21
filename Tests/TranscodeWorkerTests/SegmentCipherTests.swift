import Crypto
import Presentation
import Testing

@testable import TranscodeWorker

@Suite struct SegmentCipherTests {
    private let key = ContentKey(Array(0...15))!

    @Test func `each keyframe opens by itself, from its byte range alone`() throws {
        let parts: [[UInt8]] = [[UInt8](repeating: 1, count: 40), [UInt8](repeating: 2, count: 16), [3]]
        let sealed = try SegmentCipher(key: key).encrypt(
            parts.flatMap { $0 }, number: 7,
            fragments: parts.map { .init(bytes: $0.count, durationMicroseconds: Int64($0.count)) })
        #expect(sealed.fragments.map(\.bytes) == [48, 32, 16])
        #expect(sealed.fragments.map(\.durationMicroseconds) == [40, 16, 1])
        var start = 0
        for (index, fragment) in sealed.fragments.enumerated() {
            let range = Array(sealed.bytes[start..<start + fragment.bytes])
            let vector = ContentKey.vector(number: 7, part: index + 1)
            #expect(try AESCBC.open(range, key: key.bytes, vector: vector) == parts[index])
            start += fragment.bytes
        }
        #expect(start == sealed.bytes.count)
    }

    @Test func `a segment made again is the same, and in another place another one`() throws {
        let cipher = SegmentCipher(key: key)
        let bytes = [UInt8](repeating: 9, count: 64)
        let first = try cipher.encrypt(bytes, number: 1, fragments: []).bytes
        #expect(try cipher.encrypt(bytes, number: 1, fragments: []).bytes == first)
        #expect(try cipher.encrypt(bytes, number: 2, fragments: []).bytes != first)
        #expect(first.count == 80)
    }
}
