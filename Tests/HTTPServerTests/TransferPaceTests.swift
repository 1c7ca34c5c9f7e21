import Testing

@testable import HTTPServer

@Suite struct TransferPaceTests {
    @Test(arguments: [
        (0, 60.0, 1), (1, 60.0, 60), (128, 60.0, 7_680), (128, 0.1, 13), (1, 0.1, 1),
        (1_048_576, 3600.0, 3_774_873_600),
    ])
    func `a rate is a number of bytes in a span, at least one`(rate: Int, seconds: Double, least: Int) {
        let pace = TransferPace(span: UInt64(seconds * 1e9), bytesPerSecond: rate)
        #expect(pace.leastBytes == least)
        #expect(pace.isKept(byMoving: least))
        #expect(!pace.isKept(byMoving: least - 1))
    }
}
