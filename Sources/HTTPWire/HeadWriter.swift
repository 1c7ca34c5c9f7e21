public import Bytes

/// Writes heads into a buffer that it owns and reuses, so that a connection's answers allocate nothing.
///
/// A name that is no token or a value with a control character would let a stranger write lines of their own: such a
/// field is left out and the call says `false`.
public struct HeadWriter: ~Copyable {
    /// What has been written and not yet sent; the connection sends and consumes it.
    public var buffer: GrowableBuffer

    /// A writer with `capacity` bytes of memory, 1,024 unless told.
    public init(capacity: Int = 1024) {
        buffer = GrowableBuffer(capacity: capacity)
    }

    /// A writer that appends to `buffer`.
    public init(taking buffer: consuming GrowableBuffer) {
        self.buffer = buffer
    }

    /// Gives up the buffer.
    public consuming func take() -> GrowableBuffer {
        buffer
    }

    /// Writes `HTTP/1.1 200 OK`.
    public mutating func statusLine(_ status: HTTPStatus) {
        if status == .ok { return buffer.append("HTTP/1.1 200 OK\r\n") }
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: status.code)
        buffer.append(UInt8(ascii: " "))
        buffer.append(status.reasonPhrase)
        buffer.append("\r\n")
    }

    /// Writes `GET /path HTTP/1.1`; false, and nothing written, if the method is no token or the target no target.
    @discardableResult
    public mutating func requestLine(_ method: HTTPMethod, target: String) -> Bool {
        guard method.name.utf8.allSatisfy(HTTPToken.contains), !method.name.isEmpty, !target.isEmpty,
            target.utf8.allSatisfy({ 0x21...0x7e ~= $0 })
        else { return false }
        buffer.append(string: method.name)
        buffer.append(UInt8(ascii: " "))
        buffer.append(string: target)
        buffer.append(" HTTP/1.1\r\n")
        return true
    }

    /// Ends the head with its empty line.
    public mutating func end() {
        buffer.append("\r\n")
    }

    /// Writes a field given as bytes, as the fast lane forwards them.
    @discardableResult
    public mutating func field(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        guard HTTPToken.isToken(name), HTTPToken.isFieldValue(value) else { return false }
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
        return true
    }

    /// Writes a field with a name known at compile time.
    @discardableResult
    public mutating func field(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> Bool {
        guard HTTPToken.isFieldValue(value) else { return false }
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
        return true
    }

    /// Writes a field known at compile time, which needs no check at run time; inlined, so that it becomes a few stores.
    @inlinable
    @inline(__always)
    public mutating func field(_ name: StaticString, _ value: StaticString) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    /// Writes a field with a computed value.
    @discardableResult
    public mutating func field(_ name: StaticString, string value: String) -> Bool {
        var value = value
        return value.withUTF8 { field(name, UnsafeRawBufferPointer($0)) }
    }

    /// Writes a field with a name and value from configuration or another head.
    @discardableResult
    public mutating func field(name: String, value: String) -> Bool {
        var name = name
        var value = value
        return name.withUTF8 { name in
            value.withUTF8 { field(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) }
        }
    }

    /// Writes a number, such as `Content-Length`.
    @inlinable
    @inline(__always)
    public mutating func field(_ name: StaticString, decimal value: Int) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(decimal: value)
        buffer.append("\r\n")
    }

    /// Writes an HTTP date, such as `Last-Modified`, from seconds since 1970.
    public mutating func field(_ name: StaticString, date epochSeconds: Int64) {
        buffer.append(name)
        buffer.append(": ")
        HTTPDate.write(epochSeconds, into: &buffer)
        buffer.append("\r\n")
    }

    /// Writes the `Content-Range` of a part.
    public mutating func contentRange(_ range: ByteRange, of completeLength: Int) {
        buffer.append("Content-Range: bytes ")
        buffer.append(decimal: range.start)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(decimal: range.end - 1)
        buffer.append(UInt8(ascii: "/"))
        buffer.append(decimal: completeLength)
        buffer.append("\r\n")
    }

    /// Writes every field of `headers`.
    public mutating func fields(_ headers: Headers) {
        for header in headers { field(name: header.name, value: header.value) }
    }
}
