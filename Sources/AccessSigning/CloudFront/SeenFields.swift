internal import Bytes

/// The policies one loop has verified, by the whole `Cookie` field or query they came in last, so that a viewer on another
/// connection need not be taken apart either.
///
/// A table in which every field has one place and the newest stays: it finds most and promises nothing, for whoever finds a
/// policy compares all the bytes.
struct SeenFields {
    private var policies: [VerifiedPolicy?]
    private let mask: Int
    /// Secret, so that nobody picks whose place he takes.
    private let key: (UInt64, UInt64)

    init(capacity: Int, key: (UInt64, UInt64)) {
        var places = 1
        while places < capacity { places *= 2 }
        policies = Array(repeating: nil, count: places)
        mask = places - 1
        self.key = (key.0 | 1, key.1)
    }

    func find(_ field: UnsafeRawBufferPointer) -> VerifiedPolicy? {
        policies[place(of: field)]
    }

    mutating func insert(_ policy: VerifiedPolicy, _ field: UnsafeRawBufferPointer) {
        policies[place(of: field)] = policy
    }

    /// By sixteen words spread over the field: a signature takes up half of it, so some are the signature's.
    private func place(of field: UnsafeRawBufferPointer) -> Int {
        var hash = key.1 ^ UInt64(truncatingIfNeeded: field.count)
        guard field.count >= 16 else { return Int(truncatingIfNeeded: hash) & mask }
        let step = max(1, (field.count - 8) / 15)
        var offset = 0
        while offset <= field.count - 8 {
            hash = (hash ^ field.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* key.0
            hash ^= hash >> 29
            offset += step
        }
        return Int(truncatingIfNeeded: hash >> 17) & mask
    }
}
