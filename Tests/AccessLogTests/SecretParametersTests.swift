import AccessLog
import Bytes
import Testing

struct SecretParametersTests {
    private func redacted(_ query: String, _ more: [String] = []) -> String {
        var scratch = GrowableBuffer()
        return withBytes(query) {
            String(decoding: SecretParameters(and: more).redacted($0, using: &scratch), as: UTF8.self)
        }
    }

    private func address(_ address: String) -> String {
        var scratch = GrowableBuffer()
        return withBytes(address) {
            String(decoding: SecretParameters().redacted(address: $0, using: &scratch), as: UTF8.self)
        }
    }

    @Test(arguments: SecretParameters.builtIn)
    func `No secret of a known name survives, however it is written`(name: String) {
        for written in [
            name, name.uppercased(), name.lowercased(),
            "%\(String(name.utf8.first ?? 0, radix: 16))" + name.dropFirst(),
        ] {
            for query in [
                "\(written)=s3cret", "a=1&\(written)=s3cret&b=2", "a=1;\(written)=s3cret;b=2", "&&\(written)=s=3cret",
            ] {
                let result = redacted(query)
                #expect(!result.contains("3cret"), "\(query) → \(result)")
                #expect(result.contains("REDACTED") && result.contains(written))
                #expect(result.contains("b=2") == query.contains("b=2"))
            }
        }
    }

    @Test func `Everything else stays byte for byte`() {
        for query in [
            "", "a", "a=1&b=2", "tokens=1", "x-token=1", "CMCD=br%3D3200%2Csid%3D%22s%22", "a=%ZZ", "=x", "&;&",
        ] {
            #expect(redacted(query) == query)
        }
    }

    @Test func `A configuration adds names`() {
        #expect(redacted("ticket=abc&a=1", ["Ticket"]) == "ticket=REDACTED&a=1")
        #expect(redacted("ticket=abc&a=1") == "ticket=abc&a=1")
    }

    @Test(arguments: ["?", "%3F", "%3f", "%253F", "%25253f"])
    func `A query within a value is cut`(mark: String) {
        #expect(redacted("back=/watch\(mark)Signature=abc&a=1") == "back=/watch\(mark)REDACTED&a=1")
        #expect(
            redacted("CMCD=nor%3D%22seg.m4s\(mark)token%3Dabc%22") == "CMCD=nor%3D%22seg.m4s\(mark)REDACTED")
    }

    @Test func `A name that does not decode might mean anything, so its value goes`() {
        #expect(redacted("%zz=abc") == "%zz=REDACTED")
    }

    @Test func `An address keeps neither credentials nor fragment`() {
        #expect(address("https://example.com/a?b=1") == "https://example.com/a?b=1")
        #expect(address("https://user:pass@example.com/a@b") == "https://example.com/a@b")
        #expect(
            address("https://example.com/a?Signature=x&b=1#access_token=y")
                == "https://example.com/a?Signature=REDACTED&b=1")
        #expect(address("https://example.com/#access_token=y") == "https://example.com/")
        #expect(address("https://u:p@example.com") == "https://example.com")
        #expect(address("user:pass@example.com/x") == "example.com/x")
    }
}
