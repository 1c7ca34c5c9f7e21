internal import Bytes

/// Query parameters for the children of a playlist: a viewer's signed grant, which players carry to the playlist alone.
///
/// A grant is worth as much as the viewer's right to watch, so it is added only where it surely stays with the host that
/// the playlist came from. Whatever a browser could take for another host is left as it is.
public struct ChildQuery: Sendable {
    private let parameters: [UInt8]
    private let host: [UInt8]
    private let isTLS: Bool
    private let speaksForItself: @Sendable (_ query: UnsafeRawBufferPointer) -> Bool

    /// - Parameters:
    ///   - parameters: joined by `&`, as they go into a query.
    ///   - host: what the client calls the host of the playlist, port included.
    ///   - isTLS: whether the playlist goes out over TLS; then children without it get nothing.
    ///   - speaksForItself: whether a child with this query wants nothing added.
    /// - Returns: nil if the parameters could not stand in a playlist: nothing, a quote, a `#`, a backslash, a blank or a
    ///   control character.
    public init?(
        _ parameters: [UInt8], host: [UInt8], isTLS: Bool,
        speaksForItself: @escaping @Sendable (_ query: UnsafeRawBufferPointer) -> Bool
    ) {
        let excluded = Array("\"#\\".utf8)
        guard !parameters.isEmpty, parameters.allSatisfy({ (0x21..<0x7f).contains($0) && !excluded.contains($0) })
        else {
            return nil
        }
        self.parameters = parameters
        self.host = host
        self.isTLS = isTLS
        self.speaksForItself = speaksForItself
    }

    /// Appends `address` with the parameters, or as it is if it is not to have them.
    func append(_ address: UnsafeRawBufferPointer, to output: inout GrowableBuffer) {
        let end = ByteSearch.firstIndex(of: UInt8(ascii: "#"), in: address) ?? address.count
        let question = ByteSearch.firstIndex(
            of: UInt8(ascii: "?"), in: UnsafeRawBufferPointer(rebasing: address[..<end]))
        guard staysHere(address, pathEnd: question ?? end) else { return output.append(address) }
        if let question {
            let query = UnsafeRawBufferPointer(rebasing: address[(question + 1)..<end])
            if speaksForItself(query) { return output.append(address) }
            output.append(UnsafeRawBufferPointer(rebasing: address[..<end]))
            if let last = query.last, last != UInt8(ascii: "&") { output.append(UInt8(ascii: "&")) }
        } else {
            output.append(UnsafeRawBufferPointer(rebasing: address[..<end]))
            output.append(UInt8(ascii: "?"))
        }
        output.append(parameters)
        output.append(UnsafeRawBufferPointer(rebasing: address[end...]))
    }

    // MARK: Same host

    private func staysHere(_ address: UnsafeRawBufferPointer, pathEnd: Int) -> Bool {
        guard let first = address.first, let last = address.last, first > 0x20, last > 0x20,
            !ByteSearch.hasControl(address), !address.contains(UInt8(ascii: "\\")),
            !address.contains(UInt8(ascii: "\t"))
        else { return false }
        let path = UnsafeRawBufferPointer(rebasing: address[..<pathEnd])
        // Of an address without a path only the query changes, and that leads nowhere else.
        guard !path.isEmpty else { return true }
        guard let authority = authority(of: path) else { return false }
        if authority.isEmpty { return isVariablePartOfPath(path) }
        let named = UnsafeRawBufferPointer(rebasing: path[authority])
        return host.withUnsafeBytes { ASCII.equalsIgnoringCase(named, $0) }
    }

    /// Where the host stands: empty if there is none, nil if it cannot be said or the scheme is not one of ours.
    private func authority(of path: UnsafeRawBufferPointer) -> Range<Int>? {
        let slash = UInt8(ascii: "/")
        let firstSlash = ByteSearch.firstIndex(of: slash, in: path) ?? path.count
        var start = 0
        if let colon = ByteSearch.firstIndex(of: UInt8(ascii: ":"), in: path), colon < firstSlash {
            let scheme = UnsafeRawBufferPointer(rebasing: path[..<colon])
            let isOurs =
                ASCII.equalsIgnoringCase(scheme, "https") || !isTLS && ASCII.equalsIgnoringCase(scheme, "http")
            guard isOurs, path[(colon + 1)...].starts(with: [slash, slash]) else { return nil }
            start = colon + 1
        }
        guard path[start...].starts(with: [slash, slash]) else { return 0..<0 }
        let end = ByteSearch.firstIndex(of: slash, in: path, from: start + 2) ?? path.count
        // A browser takes `///host` for `//host`.
        return end == start + 2 ? nil : (start + 2)..<end
    }

    /// Whether no variable (`{$name}`, `EXT-X-DEFINE`) stands where it could bring a scheme or a host with it: only behind the
    /// first segment is it sure to be path.
    private func isVariablePartOfPath(_ path: UnsafeRawBufferPointer) -> Bool {
        guard let brace = ByteSearch.firstIndex(of: UInt8(ascii: "{"), in: path) else { return true }
        guard let slash = ByteSearch.firstIndex(of: UInt8(ascii: "/"), in: path, from: 1) else { return false }
        return slash < brace
    }
}
