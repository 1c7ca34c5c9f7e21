import AccessLog
import Bytes
import JSON

/// Whatever a player sends, what is taken of it lies in what it sent and makes a line of valid JSON.
func fuzzCMCD(_ bytes: UnsafeRawBufferPointer) {
    var pairs = 0
    CMCDParser.forEachPair(in: bytes) { _, value in
        pairs += 1
        switch value {
        case .integer(let number): require(number >= 0, "a negative number")
        case .decimal(let text), .text(let text):
            guard let start = text.baseAddress, let whole = bytes.baseAddress else { return }
            require(start >= whole && start + text.count <= whole + bytes.count, "a value outside the list")
        case .flag: break
        }
    }
    require(pairs <= bytes.count, "more pairs than bytes")
    let record = AccessRecord()
    record.cmcd.0 = AccessText(bytes)
    record.cmcd.1 = AccessText(bytes)
    record.path = AccessText(bytes)
    var sender = AccessSender()
    sender.userAgent = AccessText(bytes)
    fuzzLines(record, sender, SenderKey(connection: 1, head: bytes))
}

private func fuzzLines(_ record: AccessRecord, _ sender: borrowing AccessSender, _ key: SenderKey) {
    var json = JSONLine()
    var w3c = W3CLine()
    let object = json.learn(sender, as: key)
    let written = line(atMost: JSONLine.mostBytes(record, from: object)) { json.write(record, from: object, to: $0) }
    require((try? JSONValue.parse(written)) != nil, "a line that is not JSON")
    let pieces = w3c.learn(sender, as: key)
    let standard = line(atMost: W3CLine.mostBytes(record, from: pieces)) { w3c.write(record, from: pieces, to: $0) }
    let fields = standard.dropLast().split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    require(fields.count == 33, "a line that has not 33 fields")
    require(standard.filter { $0 == UInt8(ascii: "\n") }.count == 1, "not one line")
    require(standard.allSatisfy { $0 < 0x7f }, "a byte beyond ASCII")
}

/// In exactly the memory that the line is said to take, so that the sanitizer sees one that takes more.
private func line(atMost most: Int, _ write: (UnsafeMutableRawPointer) -> Int) -> [UInt8] {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: most, alignment: 16)
    defer { memory.deallocate() }
    let count = write(memory)
    require(count <= most, "a line longer than announced")
    return [UInt8](UnsafeRawBufferPointer(start: memory, count: count))
}

/// A secret behind one of the known names is gone, whatever stands before and behind the parameter.
func fuzzSecretParameters(_ bytes: UnsafeRawBufferPointer) {
    let secrets = SecretParameters()
    let secret = secret(notIn: bytes)
    let cut = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
    for name in ["&Signature=", "&x-amz-signature=", "&%53ignature=", "&back=/x?", "&back=%2Fx%253F"] {
        let query = bytes[..<cut] + Array(name.utf8) + secret + "&".utf8 + bytes[cut...]
        var scratch = GrowableBuffer()
        [UInt8](query).withUnsafeBytes { query in
            let redacted = secrets.redacted(query, using: &scratch)
            require(!holds(redacted, secret), "a secret is left")
            var again = GrowableBuffer()
            let copy = [UInt8](redacted)
            copy.withUnsafeBytes { once in
                require(secrets.redacted(once, using: &again).elementsEqual(once), "redacted twice is another query")
            }
        }
    }
}

/// libFuzzer learns from comparisons, and would bring a secret that is always the same to where no parameter stands.
private func secret(notIn bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var number = 0
    var secret: [UInt8] { Array("AKIAs3cr3t\(number)AKIA".utf8) }
    while holds(bytes, secret) { number += 1 }
    return secret
}

private func holds(_ bytes: UnsafeRawBufferPointer, _ pattern: [UInt8]) -> Bool {
    pattern.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: bytes) != nil }
}
