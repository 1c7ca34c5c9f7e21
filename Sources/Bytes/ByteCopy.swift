internal import CBytes

/// Copies short texts, and looks at them on the way: what is looked at for an escape is copied anyway, and most often has none.
///
/// The memory written to must have room for all of the text and must not be the text's own.
public enum ByteCopy {
    /// Copies a text that is short as a rule: up to some dozens of bytes a call of `memcpy` costs more.
    public static func copy(_ text: UnsafeRawPointer, count: Int, to memory: UnsafeMutableRawPointer) {
        _ = weir_copy_short(memory, text, count)
    }

    /// Copies a text; false if it holds a byte that `ByteSearch.hasJSONUnsafe` looks for.
    public static func copyJSONSafe(_ text: UnsafeRawPointer, count: Int, to memory: UnsafeMutableRawPointer) -> Bool {
        weir_copy_json(memory, text, count) == 0
    }

    /// Copies a text; false if it holds a byte that CloudFront's standard log encodes.
    public static func copyStandardLogSafe(
        _ text: UnsafeRawPointer, count: Int, to memory: UnsafeMutableRawPointer
    ) -> Bool {
        weir_copy_standard_log(memory, text, count) == 0
    }

    /// Copies a part of a URL; false if it holds a byte that CloudFront's standard log encodes, `%` aside.
    public static func copyStandardLogSafe(
        address: UnsafeRawPointer, count: Int, to memory: UnsafeMutableRawPointer
    ) -> Bool {
        weir_copy_standard_log_address(memory, address, count) == 0
    }
}
