internal import CMaxMindDB
internal import Glibc

/// Knows the country of an address, from a database in MaxMind's format (`.mmdb`).
///
/// Looking up takes well under a microsecond, no lock and no allocation, from any thread. The bytes are a read-only mapping of
/// the process's own: a file that somebody writes over while it is in use, as `cp` does, would otherwise end the process.
public final class CountryDatabase: Sendable {
    // Unsafe only in name: written in init, freed in deinit, and the library only reads it in between.
    private nonisolated(unsafe) let handle: UnsafeMutablePointer<MMDB_s>

    /// The kind of database, such as `GeoLite2-Country`.
    public let kind: String
    /// When it was made, in seconds since 1970.
    public let builtAt: Int64

    /// Takes the bytes of a database file. Copies them; blocks for as long as that takes.
    public init(_ bytes: [UInt8]) throws(CountryDatabaseRefused) {
        let file = weir_mmdb_memory_file()
        guard file >= 0 else { throw CountryDatabaseRefused("no memory for it: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        try Self.write(bytes, to: file)
        let handle = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
        let failure = MMDB_open("/proc/self/fd/\(file)", UInt32(MMDB_MODE_MMAP), handle)
        guard failure == MMDB_SUCCESS else {
            handle.deallocate()
            throw CountryDatabaseRefused(String(cString: MMDB_strerror(failure)))
        }
        self.handle = handle
        kind = handle.pointee.metadata.database_type.map { String(cString: $0) } ?? ""
        builtAt = Int64(clamping: handle.pointee.metadata.build_epoch)
    }

    deinit {
        MMDB_close(handle)
        handle.deallocate()
    }

    private static func write(_ bytes: [UInt8], to file: Int32) throws(CountryDatabaseRefused) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CountryDatabaseRefused("no memory for it: \(String(cString: strerror(errno)))")
            }
            written += count
        }
    }

    /// The country of an address of 4 or 16 bytes in network order; nil if the database does not know it.
    ///
    /// Databases of MaxMind and DB-IP have it as `country.iso_code`, those of IPinfo as `country_code`.
    public func country(of address: some Collection<UInt8>) -> CountryCode? {
        var entry = MMDB_entry_s()
        let isFound = address.withContiguousStorageIfAvailable {
            weir_mmdb_find(handle, $0.baseAddress, $0.count, &entry) == 1
        }
        guard isFound == true else { return nil }
        var code: (UInt8, UInt8) = (0, 0)
        let isCountry = withUnsafeMutableBytes(of: &code) { code in
            let letters = code.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return weir_mmdb_code(&entry, "country", "iso_code", letters) == 1
                || weir_mmdb_code(&entry, "country_code", nil, letters) == 1
        }
        return isCountry ? CountryCode(code.0, code.1) : nil
    }
}

/// Bytes that are no database of this format, or that cannot be held.
public struct CountryDatabaseRefused: Error, Sendable, CustomStringConvertible {
    /// What is wrong, for the person who named the file.
    public let description: String

    init(_ reason: String) {
        description = reason
    }
}
