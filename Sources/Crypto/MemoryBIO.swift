internal import COpenSSL

/// A memory BIO, the form in which OpenSSL reads and writes PEM and DER.
final class MemoryBIO {
    let pointer: OpaquePointer

    /// An empty BIO to write to.
    init() throws(CryptoError) {
        guard let bio = BIO_new(BIO_s_mem()) else { throw CryptoError.fromQueue("allocate a buffer") }
        pointer = bio
    }

    /// A BIO that holds a copy of `bytes`.
    convenience init(_ bytes: [UInt8]) throws(CryptoError) {
        try self.init()
        guard bytes.isEmpty || BIO_write(pointer, bytes, Int32(bytes.count)) == bytes.count else {
            throw CryptoError.fromQueue("allocate a buffer")
        }
    }

    deinit {
        BIO_free(pointer)
    }

    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = weir_bio_memory(pointer, &start)
        return Array(UnsafeRawBufferPointer(start: start, count: max(0, count)))
    }

    var text: String {
        String(decoding: bytes, as: UTF8.self)
    }
}
