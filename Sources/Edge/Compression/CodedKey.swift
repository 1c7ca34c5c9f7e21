import Bytes
import CacheRules
import SegmentStore

/// The key of a compressed body: `K NUL "c" coding number time`, with the stored identity's number and time of storing, so
/// that it can never be found for any other version than the one it was made of.
enum CodedKey {
    static func append(_ coding: AcceptEncoding.Coding, of identity: StoredObject, to key: inout GrowableBuffer) {
        key.append(0)
        key.append(UInt8(ascii: "c"))
        key.append(coding.name)
        var version = (identity.id.rawValue.littleEndian, identity.storedAt.littleEndian)
        withUnsafeBytes(of: &version) { key.append($0) }
    }

    static func key(_ coding: AcceptEncoding.Coding, of identity: StoredObject, key: [UInt8]) -> [UInt8] {
        var buffer = GrowableBuffer()
        buffer.append(key)
        append(coding, of: identity, to: &buffer)
        return buffer.bytes
    }
}
