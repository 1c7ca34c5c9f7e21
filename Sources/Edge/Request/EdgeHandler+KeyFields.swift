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
        if case .only(let names) = selection {
            for wanted in names {
                exchange.forEachCookie { name, value in
                    guard wanted.withUnsafeBytes({ ByteSearch.equal($0, name) }) else { return }
                    appendCookie(name, value, isFirst: key.count == valueStart)
                }
            }
        } else {
            exchange.forEachCookie { name, value in
                guard selection.includes(name), !SignedCookies.isSigning(name: name) else { return }
                appendCookie(name, value, isFirst: key.count == valueStart)
            }
        }
        let length = key.count - valueStart
        // A fill sends what it reads in the key, as text.
        let isText = key.readable[(key.readable.count - length)...].allSatisfy { $0 < 0x80 }
        if length == 0 { key.truncate(to: start) }
        return isText && length <= KeyFields.maximumCookieBytes
    }

    private func appendCookie(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, isFirst: Bool) {
        if !isFirst { key.append("; ") }
        key.append(name)
        key.append(UInt8(ascii: "="))
        key.append(value)
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
