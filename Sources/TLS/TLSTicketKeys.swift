internal import COpenSSL
internal import Glibc
internal import Synchronization

/// The keys that session tickets are sealed with (RFC 5077 §4, RFC 8446 §4.6.1): AES-256-CBC and HMAC-SHA-256.
///
/// A key seals for one period and opens for one more; then sessions it sealed need a full handshake. Shared by the contexts of
/// every loop and kept over reloads, so that a ticket opens wherever its client comes back.
public final class TLSTicketKeys: Sendable {
    /// Fewest bytes of a shared secret.
    public static let leastSecretBytes = 32

    struct Key: Equatable {
        static let nameBytes = 16
        /// Sent with the ticket, in the clear.
        var name: [UInt8]
        var cipher: [UInt8]
        var mac: [UInt8]
    }

    private struct State {
        var period: Int64 = .min
        /// The sealing one first.
        var keys: [Key] = []
    }

    private let secret: [UInt8]?
    private let seconds: Int64
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// Makes keys that change every `period`, counted from 1970.
    ///
    /// Without `secret` each is random and forgotten after its two periods. With one, keys are derived from it and the
    /// period's number, so that every server that has the secret opens the others' tickets, also those of a server whose clock
    /// is ahead; the price is that who learns the secret opens all of them, so it should be replaced from time to time.
    /// Throws when the secret is shorter than 32 bytes.
    public convenience init(secret: [UInt8]? = nil, period: Duration = .seconds(6 * 3_600)) throws(TLSError) {
        try self.init(secret: secret, period: period) { Int64(time(nil)) }
    }

    /// As above, with the time in seconds since 1970 told by `now`.
    public init(secret: [UInt8]?, period: Duration, now: @escaping @Sendable () -> Int64) throws(TLSError) {
        if let secret, secret.count < Self.leastSecretBytes {
            throw TLSError(
                "share session tickets",
                reasons: ["the secret has \(secret.count) bytes, needed are \(Self.leastSecretBytes) and more"])
        }
        self.secret = secret
        self.now = now
        seconds = max(1, period.components.seconds)
    }

    /// How long a session may be resumed; told to clients.
    var lifetimeSeconds: Int { Int(min(seconds, 7 * 86_400)) }

    /// The key to seal with now.
    func sealing() -> Key? { current().first }

    /// The key of a ticket, and whether a new ticket is due; nil if its time is over or it is not ours.
    func opening(_ name: UnsafeRawBufferPointer) -> (key: Key, isOld: Bool)? {
        let keys = current()
        guard let index = keys.firstIndex(where: { $0.name.elementsEqual(name) }) else { return nil }
        return (keys[index], index > 0)
    }

    private func current() -> [Key] {
        let period = now() / seconds
        return state.withLock { state in
            if state.keys.isEmpty || period > state.period || (secret != nil && period != state.period) {
                state.keys = keys(for: period, after: state)
                state.period = period
            }
            return state.keys
        }
    }

    private func keys(for period: Int64, after state: State) -> [Key] {
        if let secret {
            return [period, period - 1, period + 1].compactMap { Self.derived(from: secret, period: $0) }
        }
        guard let fresh = Self.random() else { return [] }
        let previous = period == state.period &+ 1 ? state.keys.prefix(1) : []
        return [fresh] + previous
    }

    private static func random() -> Key? {
        var bytes = [UInt8](repeating: 0, count: Key.nameBytes + 64)
        guard RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { return nil }
        return Key(name: Array(bytes[..<16]), cipher: Array(bytes[16..<48]), mac: Array(bytes[48...]))
    }

    private static func derived(from secret: [UInt8], period: Int64) -> Key? {
        func part(_ label: String) -> [UInt8]? {
            let text = Array("weir session ticket \(label) \(period)".utf8)
            var digest = [UInt8](repeating: 0, count: 32)
            let result = HMAC(EVP_sha256(), secret, Int32(clamping: secret.count), text, text.count, &digest, nil)
            return result == nil ? nil : digest
        }
        guard let name = part("name"), let cipher = part("cipher"), let mac = part("mac") else { return nil }
        return Key(name: Array(name.prefix(Key.nameBytes)), cipher: cipher, mac: mac)
    }
}

// MARK: OpenSSL's side

extension TLSTicketKeys {
    /// Makes a server's context seal and open its tickets by these keys, which must outlive it.
    func install(in context: OpaquePointer) -> Bool {
        SSL_CTX_set_timeout(context, lifetimeSeconds)
        guard SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque()) == 1 else { return false }
        return SSL_CTX_set_tlsext_ticket_key_evp_cb(context) { session, name, vector, cipher, mac, isSealing in
            guard let session, let name, let vector, let own = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0)
            else { return -1 }
            let keys = Unmanaged<TLSTicketKeys>.fromOpaque(own).takeUnretainedValue()
            return isSealing == 1 ? keys.seal(name, vector, cipher, mac) : keys.open(name, vector, cipher, mac)
        } == 1
    }

    private func seal(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer?,
        _ mac: OpaquePointer?
    ) -> Int32 {
        guard let key = sealing(), RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1,
            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, vector) == 1,
            weir_mac_begin_sha256(mac, key.mac, key.mac.count) == 1
        else { return -1 }
        name.update(from: key.name, count: Key.nameBytes)
        return 1
    }

    /// 0 makes OpenSSL ignore the ticket, 2 send a new one.
    private func open(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer?,
        _ mac: OpaquePointer?
    ) -> Int32 {
        guard let found = opening(UnsafeRawBufferPointer(start: name, count: Key.nameBytes)) else { return 0 }
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, found.key.cipher, vector) == 1,
            weir_mac_begin_sha256(mac, found.key.mac, found.key.mac.count) == 1
        else { return -1 }
        return found.isOld ? 2 : 1
    }
}
