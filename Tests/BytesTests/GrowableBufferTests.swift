import Bytes
import Testing

struct GrowableBufferTests {
    @Test func `what is appended is readable in order`() {
        var buffer = GrowableBuffer()
        buffer.append("GET ")
        buffer.append([0x2f])
        buffer.append(UInt8(0x20))
        buffer.append(string: "HTTP/")
        buffer.append(decimal: 11)
        let bytes = buffer.bytes
        #expect(bytes == Array("GET / HTTP/11".utf8))
    }

    @Test func `consuming drops from the front and appending continues at the end`() {
        var buffer = GrowableBuffer(capacity: 8)
        for round in 0..<1000 {
            buffer.append([UInt8(truncatingIfNeeded: round), 1, 2])
            let first = buffer.readable.first
            #expect(first == UInt8(truncatingIfNeeded: round))
            buffer.consume(3)
        }
        let (empty, capacity) = (buffer.isEmpty, buffer.capacity)
        #expect(empty)
        #expect(capacity == 8)
    }

    @Test func `a window sliding through the buffer keeps its bytes`() {
        var buffer = GrowableBuffer()
        var expected: [UInt8] = []
        var next: UInt8 = 0
        for step in 0..<500 {
            for _ in 0..<(step % 7 + 1) {
                buffer.append(next)
                expected.append(next)
                next &+= 1
            }
            let gone = min(expected.count, step % 5)
            buffer.consume(gone)
            expected.removeFirst(gone)
            let bytes = buffer.bytes
            #expect(bytes == expected)
        }
    }

    @Test func `writable space is at least what was asked for`() {
        var buffer = GrowableBuffer()
        buffer.append("ab")
        let written = buffer.withWritable(atLeast: 5000) { space in
            #expect(space.count >= 5000)
            space[0] = 0x63
            return 1
        }
        let bytes = buffer.bytes
        #expect(written == 1)
        #expect(bytes == Array("abc".utf8))
    }

    @Test func `removing everything can keep or return the memory`() {
        var buffer = GrowableBuffer(capacity: 64)
        buffer.append("abc")
        buffer.removeAll()
        let kept = (buffer.count, buffer.capacity)
        #expect(kept == (0, 64))
        buffer.removeAll(keepingCapacity: false)
        let returned = buffer.capacity
        #expect(returned == 0)
        buffer.append("again")
        let bytes = buffer.bytes
        #expect(bytes == Array("again".utf8))
    }

    @Test func `truncating undoes appends`() {
        var buffer = GrowableBuffer()
        buffer.append("head")
        buffer.consume(1)
        buffer.append("tail")
        buffer.truncate(to: 3)
        let bytes = buffer.bytes
        #expect(bytes == Array("ead".utf8))
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12345, -1, -10, Int.max, Int.min])
    func `decimals read back`(value: Int) {
        var buffer = GrowableBuffer()
        buffer.append(decimal: value)
        let text = String(decoding: buffer.readable, as: UTF8.self)
        #expect(text == String(value))
    }

    @Test func `decimals of every number of digits read back`() {
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            for value in [power - 1, power, power + 1, power / 7] {
                var buffer = GrowableBuffer()
                buffer.append(decimal: value)
                let text = String(decoding: buffer.readable, as: UTF8.self)
                #expect(text == String(value))
            }
        }
    }

    @Test(arguments: [0, 1, 15, 16, 255, 256, 0xdead_beef, UInt64.max])
    func `hexadecimals read back`(value: UInt64) {
        var buffer = GrowableBuffer()
        buffer.append(hexadecimal: value)
        let text = String(decoding: buffer.readable, as: UTF8.self)
        #expect(text == String(value, radix: 16))
    }

    @Test func `fixed width decimals have leading zeros`() {
        var buffer = GrowableBuffer()
        buffer.append(decimal: 7, width: 2)
        buffer.append(decimal: 1994, width: 4)
        buffer.append(decimal: 8, width: 1)
        buffer.append(decimal: 42, width: 5)
        let bytes = buffer.bytes
        #expect(bytes == Array("071994800042".utf8))
    }

    @Test(arguments: [
        (0, "0000000000000000"), (0x0123_4567_89ab_cdef, "0123456789abcdef"), (UInt64.max, "ffffffffffffffff"),
        (0x9a00_0000_0000_00a9, "9a000000000000a9"),
    ])
    func `an id is written with all its sixteen digits`(value: UInt64, text: String) {
        var buffer = GrowableBuffer()
        buffer.append(HexadecimalDigits(of: value))
        #expect(String(decoding: buffer.readable, as: UTF8.self) == text)
    }
}
