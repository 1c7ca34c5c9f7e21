/// The checksum of two messages one after the other, from theirs: what makes a checksum of a whole out of those of its parts
/// without reading a byte again.
///
/// A message of n zero bytes multiplies a CRC by x^8n modulo the polynomial, and CRCs add. `polynomial` is reflected, as are the
/// checksums, whose start and end are inverted; all of S3's are so.
public struct CRCCombination<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let polynomial: Word

    /// Combines checksums of a polynomial in reflected form.
    public init(polynomial: Word) { self.polynomial = polynomial }

    /// The checksum of a message of `first` and then one of `second`, which has `count` bytes.
    ///
    /// Complexity: O(log count).
    public func combine(_ first: Word, _ second: Word, count: UInt64) -> Word {
        multiply(power(ofBytes: count), first) ^ second
    }

    /// x^8n, by squaring.
    private func power(ofBytes count: UInt64) -> Word {
        // The highest bit of a reflected polynomial is x^0.
        var result: Word = 1 << (Word.bitWidth - 1)
        var square = result >> 8
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 { result = multiply(square, result) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private func multiply(_ left: Word, _ right: Word) -> Word {
        var (left, right, product) = (left, right, Word.zero)
        while left != 0 {
            if left.leadingZeroBitCount == 0 { product ^= right }
            right = right & 1 == 1 ? right >> 1 ^ polynomial : right >> 1
            left <<= 1
        }
        return product
    }
}

extension CRC32 {
    /// Makes the checksum of a whole out of those of its parts.
    public static let combination = CRCCombination<UInt32>(polynomial: 0xEDB8_8320)
}

extension CRC32C {
    /// Makes the checksum of a whole out of those of its parts.
    public static let combination = CRCCombination<UInt32>(polynomial: 0x82F6_3B78)
}

extension CRC64NVME {
    /// Makes the checksum of a whole out of those of its parts.
    public static let combination = CRCCombination<UInt64>(polynomial: 0x9A6C_9329_AC4B_C9B5)
}
