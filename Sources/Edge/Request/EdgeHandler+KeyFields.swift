import AccessSigning
import Bytes
import CacheRules
import HTTPServer
import HTTPWire

/// Request fields in the cache key, where the cache policy wants some.
extension EdgeHandler {
    /// Appends them to `key`, which holds path and query. False if one is too long to be in a key.
    func appendKeyFields(_ fields: KeyFields, of exchange: Exchange) -> Bool {
        let isShort = fields.headers.withUnsafeBytes { names in
            VariantKey.append(names: names, as: .policy, to: &key) { exchange.forEachValue(of: $0, $1) }
        }
        return isShort && (fields.cookies == .none || appendCookies(fields.cookies, of: exchange))
    }

    /// In the order of the names that the operator gives, or as they come.
    private func appendCookies(_ selection: NameSelection, of exchange: Exchange) -> Bool {
        let start = key.count
        key.append(0)
        key.append("cookie:")
        let valueStart = key.count
        var isASCII = true
        func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
            if key.count > valueStart { key.append("; ") }
            key.append(name)
            key.append(UInt8(ascii: "="))
            key.append(value)
            isASCII = isASCII && value.allSatisfy { $0 < 0x80 } && name.allSatisfy { $0 < 0x80 }
        }
        if case .only(let names) = selection {
            for wanted in names {
                exchange.forEachCookie { name, value in
                    if wanted.withUnsafeBytes({ ByteSearch.equal($0, name) }) { append(name, value) }
                }
            }
        } else {
            exchange.forEachCookie { name, value in
                if selection.includes(name), !SignedCookies.isSigning(name: name) { append(name, value) }
            }
        }
        if key.count == valueStart { key.truncate(to: start) }
        return isASCII && key.count - valueStart <= KeyFields.maximumCookieBytes
    }
}

extension Exchange {
    /// Calls `body` with the value of every line of that name, any case.
    func forEachValue(of name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        let bytes = headBytes
        for field in head.fields where ASCII.equalsIgnoringCase(field.name.bytes(in: bytes), name) {
            body(field.value.bytes(in: bytes))
        }
    }

    fileprivate func forEachCookie(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
        let bytes = headBytes
        for field in head.fields where field.known == .cookie {
            Cookies.forEach(in: field.value.bytes(in: bytes)) { name, value in
                body(name, value)
                return true
            }
        }
    }
}
