internal import Bytes

/// A field value with parameters, such as `form-data; name="key"`.
struct FormHeader {
    /// Under lower-case names.
    private(set) var parameters: [String: String] = [:]

    /// Reads a value that begins with `kind`; nil when it begins otherwise, is broken or gives a parameter twice.
    ///
    /// A backslash escapes a quotation mark and nothing else: some browsers put whole Windows paths there.
    init?(_ text: String, of kind: String) {
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.endIndex
        guard ASCII.equalsIgnoringCase(ASCII.trimmed(String(decoding: bytes[..<end], as: UTF8.self)), kind) else {
            return nil
        }
        var rest = bytes[end...]
        while true {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            guard rest.first == UInt8(ascii: ";") else { break }
            rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
            // A semicolon at the end is harmless.
            if rest.isEmpty { break }
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = ASCII.lowercased(ASCII.trimmed(String(decoding: rest[..<equals], as: UTF8.self)))
            rest = rest[(equals + 1)...]
            guard let value = FormHeader.takeValue(&rest), parameters.updateValue(value, forKey: name) == nil else {
                return nil
            }
        }
        guard rest.isEmpty else { return nil }
    }

    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { $0 != UInt8(ascii: ";") }
            rest = rest[value.endIndex...]
            return String(validating: value, as: UTF8.self).map { ASCII.trimmed($0) }
        }
        rest = rest.dropFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return String(validating: value, as: UTF8.self) }
            let isEscape = byte == UInt8(ascii: "\\") && rest.first == UInt8(ascii: "\"")
            value.append(isEscape ? rest.removeFirst() : byte)
        }
        return nil
    }
}

/// What stands before the bytes of one part of a form.
struct FormPartHead {
    /// In lower case.
    let name: String
    let fileName: String?
    let contentType: String?

    /// Reads the lines of a head, without the empty one that ends it.
    init(_ bytes: ArraySlice<UInt8>) throws(MultipartFormParser.Failure) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        var (disposition, type): (FormHeader?, String?) = (nil, nil)
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            let value = ASCII.trimmed(line[line.index(after: colon)...])
            switch ASCII.lowercased(String(line[..<colon])) {
            case "content-disposition":
                guard disposition == nil, let read = FormHeader(value, of: "form-data") else { throw .malformed }
                disposition = read
            case "content-type": type = value
            default: break
            }
        }
        guard let name = disposition?.parameters["name"], !name.isEmpty else { throw .malformed }
        self.name = ASCII.lowercased(name)
        fileName = disposition?.parameters["filename"]
        contentType = type
    }
}
