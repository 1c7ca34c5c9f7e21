/// What an AudioSpecificConfig says (ISO/IEC 14496-3 §1.6.2.1), read from any bytes.
public struct AACConfiguration: Sendable, Equatable {
    /// Audio object type as the codec string names it: 2 AAC-LC, 5 HE-AAC, 29 HE-AAC v2, 42 xHE-AAC.
    public private(set) var objectType = 0
    /// Samples per second of the core.
    public private(set) var sampleRate = 0
    /// Channels of the core; 0 when a program config element says it.
    public private(set) var channels = 0
    /// Samples of one frame, as decoded without the extension.
    public private(set) var frameLength = 1_024
    /// Whether an AAC-LC core is said to have more around it: another layer, or SBR named behind it.
    public private(set) var hasExtension = false

    /// RFC 6381 string.
    public var codec: String { "mp4a.40.\(objectType)" }
    /// Channels heard: parametric stereo makes two of one.
    public var heardChannels: Int { objectType == 29 ? 2 : channels }

    /// Samples per second by their index.
    public static let sampleRates = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ]

    /// States a configuration whose frames have the usual length.
    public init(objectType: Int, sampleRate: Int, channels: Int) {
        self.objectType = objectType
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// Reads a configuration; nil when it breaks off or names no sample rate.
    public init?(specificConfig bytes: [UInt8]) {
        var reader = BitReader(bytes)
        do {
            objectType = try Self.objectType(&reader)
            sampleRate = try Self.sampleRate(&reader)
            let channelCode = try reader.int(4)
            channels = channelCode == 7 ? 8 : channelCode
            guard sampleRate > 0 else { return nil }
            // SBR said beforehand: the extension's rate and the core's object type follow.
            if objectType == 5 || objectType == 29 { return }
            if objectType == 2 { try readLowComplexity(&reader) }
        } catch {
            return nil
        }
    }

    /// GASpecificConfig (§4.4.1), and what may stand behind it.
    private mutating func readLowComplexity(_ reader: inout BitReader) throws(BitReader.OutOfBits) {
        if try reader.bit() { frameLength = 960 }
        let dependsOnCore = try reader.bit()
        if dependsOnCore { try reader.skip(14) }
        let hasLayers = try reader.bit()
        hasExtension = dependsOnCore || hasLayers
        guard !hasExtension, channels > 0, reader.remaining >= 17, try reader.int(11) == 0x2b7 else { return }
        guard try Self.objectType(&reader) == 5 else { return }
        hasExtension = try reader.bit()
    }

    /// The AudioSpecificConfig inside an `esds` payload (ISO/IEC 14496-1 §7.2.6.5), or the object type where there is none.
    public static func read(
        elementaryStream payload: [UInt8]
    ) -> (objectTypeIndication: UInt8, configuration: Self?)? {
        var rest = payload.dropFirst(4)
        guard var stream = Descriptor.take(3, from: &rest), stream.count >= 3 else { return nil }
        let flags = stream[stream.startIndex + 2]
        stream = stream.dropFirst(3)
        if flags & 0x80 != 0 { stream = stream.dropFirst(2) }
        if flags & 0x40 != 0 { stream = stream.dropFirst(Int(stream.first ?? 0) + 1) }
        if flags & 0x20 != 0 { stream = stream.dropFirst(2) }
        guard var decoder = Descriptor.take(4, from: &stream), let kind = decoder.first else { return nil }
        decoder = decoder.dropFirst(13)
        let specific = Descriptor.take(5, from: &decoder)
        return (kind, specific.flatMap { AACConfiguration(specificConfig: Array($0)) })
    }

    private static func objectType(_ reader: inout BitReader) throws(BitReader.OutOfBits) -> Int {
        let type = try reader.int(5)
        return type == 31 ? 32 + (try reader.int(6)) : type
    }

    private static func sampleRate(_ reader: inout BitReader) throws(BitReader.OutOfBits) -> Int {
        let index = try reader.int(4)
        if index == 15 { return try reader.int(24) }
        return sampleRates.indices.contains(index) ? sampleRates[index] : 0
    }
}

/// A descriptor of ISO/IEC 14496-1 §8.3.3.
private enum Descriptor {
    /// The payload of the next descriptor if it has `tag`.
    static func take(_ tag: UInt8, from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.popFirst() == tag else { return nil }
        var length = 0
        for _ in 0..<4 {
            guard let byte = bytes.popFirst() else { return nil }
            length = length << 7 | Int(byte & 0x7f)
            if byte & 0x80 == 0 { break }
        }
        let payload = bytes.prefix(length)
        bytes = bytes.dropFirst(length)
        return payload
    }
}
