internal import Bytes
internal import HTTPWire

/// One element of a `Cache-Control` field, of a request or a response.
struct CacheDirective {
    /// In lower case.
    let name: String
    /// Without quotes; nil if there was no `=`.
    let argument: String?

    /// Calls `body` with each directive of a field, in order.
    static func forEach(in value: String, _ body: (CacheDirective) -> Void) {
        var value = value
        value.withUTF8 { bytes in
            HTTPToken.forEachElement(of: UnsafeRawBufferPointer(bytes)) { element in
                body(CacheDirective(element))
                return true
            }
        }
    }

    init(name: String, argument: String?) {
        self.name = name
        self.argument = argument
    }

    private init(_ element: UnsafeRawBufferPointer) {
        let mark = ByteSearch.firstIndex(of: UInt8(ascii: "="), in: element)
        let name = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: element[..<(mark ?? element.count)]))
        self.name = ASCII.lowercased(String(decoding: name, as: UTF8.self))
        argument = mark.map { Self.unquoted(ASCII.trimmed(UnsafeRawBufferPointer(rebasing: element[($0 + 1)...]))) }
    }

    /// The argument as a lifetime; doubt means 0.
    var seconds: Int { argument.flatMap { DeltaSeconds($0) }?.value ?? 0 }

    /// The argument as a list of field names, in lower case; what is no token is left out.
    var fieldNames: [String] {
        guard let argument else { return [] }
        return argument.split(separator: ",").map { ASCII.lowercased(ASCII.trimmed($0)) }
            .filter { !$0.isEmpty && $0.utf8.allSatisfy(HTTPToken.contains) }
    }

    private static func unquoted(_ argument: UnsafeRawBufferPointer) -> String {
        let quote = UInt8(ascii: "\"")
        guard argument.count >= 2, argument.first == quote, argument.last == quote else {
            return String(decoding: argument, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in argument.dropFirst().dropLast() {
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            if !isEscaped { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
