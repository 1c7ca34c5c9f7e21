/// A sequence parameter set of H.264 with the only picture parameter set that pictures refer to it by.
public struct AVCParameterSets: Sendable, Equatable {
    /// The numbers by which streams refer to parameter sets.
    public struct Numbers: Sendable, Equatable {
        /// seq_parameter_set_id, up to 31.
        public var sequence: Int
        /// pic_parameter_set_id, up to 255.
        public var picture: Int

        /// Two numbers.
        public init(sequence: Int, picture: Int) {
            self.sequence = sequence
            self.picture = picture
        }
    }

    /// Sequence parameter set, from its unit header on.
    public let sequence: [UInt8]
    /// Picture parameter set, from its unit header on.
    public let picture: [UInt8]

    /// Takes two units as they are; nil when one of them is something else.
    public init?(sequence: [UInt8], picture: [UInt8]) {
        guard sequence.count >= 4, sequence[0] & 0x1f == 7, picture.first.map({ $0 & 0x1f == 8 }) == true else {
            return nil
        }
        self.sequence = sequence
        self.picture = picture
    }

    /// What the sequence parameter set says; nil when it cannot be read.
    public var sequenceFields: AVCSequence? { AVCSequence(unit: sequence[...]) }

    /// Their numbers; nil when they cannot be read, do not belong together, or no stop bit stands behind them.
    public var numbers: Numbers? {
        var (sets, pictures) = (BitReader(unescaping: sequence.dropFirst()), BitReader(unescaping: picture.dropFirst()))
        do {
            try sets.skip(24)
            let own = Numbers(sequence: try sets.unsigned(), picture: try pictures.unsigned())
            guard own.sequence < 32, own.picture < 256, try pictures.unsigned() == own.sequence else { return nil }
            while try !sets.bit() {}
            while try !pictures.bit() {}
            return own
        } catch {
            return nil
        }
    }

    /// The same sets under other numbers; nil when they cannot be read.
    public func numbered(_ numbers: Numbers) -> AVCParameterSets? {
        guard self.numbers != nil else { return nil }
        var sets = BitReader(unescaping: sequence.dropFirst(), limit: sequence.count)
        var pictures = BitReader(unescaping: picture.dropFirst(), limit: picture.count)
        var (sequence, picture) = (BitWriter(), BitWriter())
        do {
            sequence.write(try sets.bits(24), bits: 24)
            _ = try sets.unsigned()
            sequence.write(unsigned: numbers.sequence)
            try sequence.write(rest: &sets)
            _ = (try pictures.unsigned(), try pictures.unsigned())
            picture.write(unsigned: numbers.picture)
            picture.write(unsigned: numbers.sequence)
            try picture.write(rest: &pictures)
        } catch {
            return nil
        }
        return AVCParameterSets(
            sequence: Self.unit(header: self.sequence[0], sequence),
            picture: Self.unit(header: self.picture[0], picture))
    }

    /// A unit ends with the byte that holds its stop bit.
    private static func unit(header: UInt8, _ writer: BitWriter) -> [UInt8] {
        var payload = writer.written
        while payload.last == 0 { payload.removeLast() }
        return NALUnit.escaped(header: header, payload)
    }
}
