import Testing

@testable import UploadView

@Suite struct TransferLineTests {
    private static let mebibyte: Int64 = 1 << 20

    @Test func `bytes, rate and time left are in one line that fits its terminal`() {
        let line = TransferLine(bytes: 42 << 20, total: 100 << 20, bytesPerSecond: 14.5 * 1_048_576)
        #expect(
            line.text(width: 100)
                == "  [##########..............] 42 %  42.0 MiB of 100.0 MiB  14.5 MiB/s  about 0:04 left")
        for width in 0...120 { #expect(line.text(width: width).count < max(width, 1)) }
        #expect(line.news("uploading") == "  uploading 42 %  42.0 MiB of 100.0 MiB  14.5 MiB/s  about 0:04 left")
    }

    @Test func `without a rate, or at none, no time is promised`() {
        #expect(TransferLine(bytes: 0, total: 10, bytesPerSecond: nil).news("a") == "  a 0 %  0 bytes of 10 bytes")
        let still = TransferLine(bytes: 5, total: 10, bytesPerSecond: 0)
        #expect(still.news("a") == "  a 50 %  5 bytes of 10 bytes  0 bytes/s")
        #expect(TransferLine(bytes: 20, total: 10, bytesPerSecond: nil).news("a").hasPrefix("  a 100 %"))
        #expect(TransferLine(bytes: 0, total: 0, bytesPerSecond: 1e300).news("a").hasPrefix("  a 100 %"))
    }

    @Test func `while it is tried again the line says why instead of how fast`() {
        let line = TransferLine(bytes: 5, total: 10, bytesPerSecond: 3, trouble: "no connection")
        #expect(line.news("uploading") == "  uploading 50 %  5 bytes of 10 bytes  trying again  no connection")
    }

    @Test(arguments: [
        (Int64(-1), "0 bytes"), (1_023, "1023 bytes"), (1_024, "1.0 KiB"), (1_048_575, "1023.9 KiB"),
        (1_048_576, "1.0 MiB"), (5 << 30, "5.0 GiB"), (Int64.max, "8388607.9 TiB"),
    ])
    func `an amount has the unit that suits it`(bytes: Int64, text: String) {
        #expect(ByteCount.text(bytes) == text)
    }

    @Test func `a rate is that of the last ten seconds`() {
        var rate = TransferRate()
        rate.note(0, at: 0)
        #expect(rate.bytesPerSecond == nil)
        rate.note(100, at: 0.1)
        #expect(rate.bytesPerSecond == nil)
        for second in 1...60 { rate.note(Int64(second) * 1_000, at: Double(second)) }
        #expect(rate.bytesPerSecond == 1_000)
        // It stops; ten seconds later nothing of the old rate is left.
        for second in 61...71 { rate.note(60_000, at: Double(second)) }
        #expect(rate.bytesPerSecond == 0)
        // A part that has to be sent again takes its bytes back.
        rate.note(10_000, at: 72)
        #expect(rate.bytesPerSecond == nil)
        rate.note(12_000, at: 73)
        #expect(rate.bytesPerSecond == 2_000)
    }
}
