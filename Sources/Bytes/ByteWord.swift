/// Eight bytes of text in a register, for comparisons of names, which are short: a loop over their bytes costs ten times as
/// much.
enum ByteWord {
    /// Whether `count` bytes at both places are equal but for the case of ASCII letters.
    ///
    /// The last word overlaps the one before it instead of being cut.
    static func equalIgnoringCase(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer, count: Int) -> Bool {
        if count < 8 { return lowercased(short(first, count)) == lowercased(short(second, count)) }
        var offset = 0
        while offset < count - 8 {
            if lowercased(whole(first + offset)) != lowercased(whole(second + offset)) { return false }
            offset += 8
        }
        return lowercased(whole(first + (count - 8))) == lowercased(whole(second + (count - 8)))
    }

    /// Whether `count` bytes, 16 at most, are the same at both places.
    static func equal(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer, count: Int) -> Bool {
        if count < 8 { return short(first, count) == short(second, count) }
        return whole(first) == whole(second) && whole(first + (count - 8)) == whole(second + (count - 8))
    }

    /// Brings the ASCII letters of `count` bytes to lower case.
    static func lowercase(_ start: UnsafeMutableRawPointer, count: Int) {
        guard count >= 8 else {
            for offset in 0..<count {
                let byte = start.load(fromByteOffset: offset, as: UInt8.self)
                start.storeBytes(of: ASCII.lowercased(byte), toByteOffset: offset, as: UInt8.self)
            }
            return
        }
        for offset in stride(from: 0, to: count - 8, by: 8) {
            (start + offset).storeBytes(of: lowercased(whole(start + offset)), as: UInt64.self)
        }
        let last = start + (count - 8)
        last.storeBytes(of: lowercased(whole(last)), as: UInt64.self)
    }

    /// The word with its ASCII letters in lower case and every other byte as it is.
    private static func lowercased(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let isFromA = low &+ 0x3f3f_3f3f_3f3f_3f3f
        let isBeyondZ = low &+ 0x2525_2525_2525_2525
        let isUpper = ~word & (isFromA ^ isBeyondZ) & 0x8080_8080_8080_8080
        return word | isUpper >> 2
    }

    private static func whole(_ start: UnsafeRawPointer) -> UInt64 {
        start.loadUnaligned(as: UInt64.self)
    }

    /// Up to seven bytes, each at least once, in an order that depends on nothing but `count`.
    private static func short(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 4 {
            let first = start.loadUnaligned(as: UInt32.self)
            let last = start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return UInt64(first) | UInt64(last) << 32
        }
        if count == 0 { return 0 }
        let first = UInt64(start.load(as: UInt8.self))
        let middle = UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self))
        let last = UInt64(start.load(fromByteOffset: count - 1, as: UInt8.self))
        return first | middle << 8 | last << 16
    }
}
