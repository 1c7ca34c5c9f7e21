import CMAF
import Testing

@Suite struct AACTests {
    @Test(
        arguments: [
            ([0x11, 0x90], 48_000, 2, false), ([0x12, 0x10], 44_100, 2, false), ([0x11, 0xb0], 48_000, 6, false),
            // FFmpeg says that there is no SBR; encoders of HE-AAC that there is.
            ([0x11, 0x90, 0x56, 0xe5, 0x00], 48_000, 2, false), ([0x11, 0x90, 0x56, 0xe5, 0x80], 48_000, 2, true),
            ([0x11, 0x91], 48_000, 2, true), ([0x11, 0x92, 0, 0], 48_000, 2, true),
        ] as [([UInt8], Int, Int, Bool)])
    func `what is around an AAC-LC core is seen`(bytes: [UInt8], rate: Int, channels: Int, isExtended: Bool) throws {
        let read = try #require(AACConfiguration(specificConfig: bytes))
        #expect((read.objectType, read.sampleRate, read.channels) == (2, rate, channels))
        #expect(read.hasExtension == isExtended && read.frameLength == 1024)
    }

    @Test func `short frames and other object types are what they are`() throws {
        #expect(AACConfiguration(specificConfig: [0x11, 0x94])?.frameLength == 960)
        #expect(AACConfiguration(specificConfig: [0x2b, 0x11, 0x88])?.objectType == 5)
        for bytes in [[], [0x11], [0x16, 0x90]] as [[UInt8]] { #expect(AACConfiguration(specificConfig: bytes) == nil) }
    }

    @Test func `a silent frame holds every channel's element and an end`() throws {
        #expect(AACSilence.frame(channels: 2) == [0x21, 0, 0, 0, 0, 0x1c])
        for (channels, elements) in [(1, [0]), (6, [0, 1, 1, 3])] {
            var reader = BitReader(try #require(AACSilence.frame(channels: channels)))
            for element in elements {
                #expect(try reader.int(3) == element)
                // Everything but the tag, and that a pair shares its window, is zero.
                try reader.skip(4)
                #expect(try reader.bits(element == 1 ? 36 : 22) == (element == 1 ? 1 << 35 : 0))
            }
            #expect(try reader.int(3) == 7)
            #expect(reader.remaining < 8)
        }
        #expect(AACSilence.frame(channels: 3) == nil)
    }
}
