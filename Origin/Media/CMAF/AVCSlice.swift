/// A slice's first fields (ITU-T H.264 §7.3.3), as far as the number of the picture parameter set that it refers to.
struct AVCSlice {
    /// Bytes in which those fields end.
    static let headBytes = 32

    private let header: UInt8
    private let payload: [UInt8]
    /// pic_parameter_set_id.
    let pictureSet: Int
    /// Where its code begins, in bits.
    private let start: Int

    /// Reads a slice from its unit header on, at most `limit` bytes; nil when the fields are not there.
    init?(_ unit: ArraySlice<UInt8>, limit: Int) {
        guard let header = unit.first else { return nil }
        self.header = header
        payload = NALUnit.unescaped(unit.dropFirst(), limit: limit)
        var reader = BitReader(payload)
        do {
            _ = (try reader.unsigned(), try reader.unsigned())
            start = payload.count * 8 - reader.remaining
            pictureSet = try reader.unsigned()
        } catch {
            return nil
        }
    }

    /// The whole slice referring to `number`, whose code must be as long or longer by whole bytes: everything behind it is then
    /// moved by whole bytes, which arithmetic coding, aligned to them, needs. Nil otherwise.
    func referring(to number: Int) -> [UInt8]? {
        let (old, new) = (BitWriter.bits(ofUnsigned: pictureSet), BitWriter.bits(ofUnsigned: number))
        guard new >= old, (new - old).isMultiple(of: 8) else { return nil }
        var reader = BitReader(payload)
        var writer = BitWriter()
        // The codes end inside of a byte, whose other bits belong to what follows.
        let end = (start + old + 7) / 8
        do {
            for _ in 0..<start { writer.write(try reader.bits(1), bits: 1) }
            try reader.skip(old)
            writer.write(unsigned: number)
            let rest = end * 8 - start - old
            writer.write(try reader.bits(rest), bits: rest)
        } catch {
            return nil
        }
        return NALUnit.escaped(header: header, writer.written + payload[end...])
    }
}
