import HTTPWire
import Testing

struct TraceContextTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func read(_ parent: String, _ state: String? = nil) -> TraceContext? {
        var headers: Headers = ["traceparent": parent]
        if let state { headers.add("tracestate", state) }
        return TraceContext(headers)
    }

    @Test func `the specification's example is read and written as it is`() throws {
        let context = try #require(read(Self.parent, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"))
        #expect(context.traceID.high == 0x0af7_6519_16cd_43dd)
        #expect(context.traceID.low == 0x8448_eb21_1c80_319c)
        #expect(context.spanID == 0xb7ad_6b71_6920_3331)
        #expect(context.isSampled)
        #expect(String(decoding: context.state, as: UTF8.self) == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        #expect(context.parent == Self.parent)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "FF-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
    ])
    func `a traceparent that is not to the letter is none`(_ parent: String) {
        #expect(read(parent, "a=1") == nil)
    }

    @Test func `a later version may say more, and is passed on as ours`() throws {
        let later = try #require(read("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fd-what-the-future-brings"))
        #expect(later.isSampled)
        #expect(later.parent == Self.parent)
        #expect(read("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")?.isSampled == false)
    }

    @Test func `flags that this version does not know are cleared`() {
        #expect(read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff")?.flags == 3)
        #expect(read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fc")?.flags == 0)
    }

    @Test func `two traceparents are none, two tracestates are one list`() {
        var headers: Headers = ["traceparent": Self.parent]
        headers.add("tracestate", "a=1")
        headers.add("tracestate", " b=2 ,")
        #expect(TraceContext(headers).map { String(decoding: $0.state, as: UTF8.self) } == "a=1,b=2")
        headers.add("traceparent", Self.parent)
        #expect(TraceContext(headers) == nil)
    }

    @Test(arguments: [
        ("a=1", "a=1"), ("", ""), (" , ,", ""), ("a=1,,b=2\t", "a=1,b=2"), ("0a=1", "0a=1"), ("a-_*/9=!~", "a-_*/9=!~"),
        ("t61rcWkgMzE=1", ""), ("tenant@system= x y", "tenant@system= x y"), ("9t@s=1", "9t@s=1"), ("t@9s=1", ""),
        ("t@=1", ""), ("@s=1", ""), ("t@s@u=1", ""), ("t@systemsystems15=1", ""), ("a", ""), ("=1", ""), ("a=", ""),
        ("a=b=c", ""), ("a=\u{7f}", ""), ("a=é", ""), ("a=1,a=2", ""), ("a=1,B=2", ""),
    ])
    func `a malformed tracestate is dropped and the trace goes on`(_ state: String, _ read: String) {
        let context = self.read(Self.parent, state)
        #expect(context.map { String(decoding: $0.state, as: UTF8.self) } == read)
    }

    @Test func `a tracestate has bounds`() {
        func state(members: Int, keyBytes: Int = 4, valueBytes: Int = 1) -> Int? {
            let list = (0..<members).map { index in
                let number = String(index + 1_000)
                let key = String(repeating: "k", count: keyBytes - 4) + number
                return "\(key)=\(String(repeating: "v", count: valueBytes))"
            }
            return read(Self.parent, list.joined(separator: ","))?.state.count
        }
        #expect(state(members: 32) == 32 * 6 + 31)
        #expect(state(members: 33) == 0)
        #expect(state(members: 1, keyBytes: 256, valueBytes: 256) == 513)
        #expect(state(members: 1, keyBytes: 257) == 0)
        #expect(state(members: 1, valueBytes: 257) == 0)
        #expect(state(members: 9, valueBytes: 256) == 0)
    }

    @Test func `a span passes the trace on as its own`() throws {
        let context = try #require(read(Self.parent, "a=1"))
        var headers: Headers = ["TraceParent": "nonsense", "Tracestate": "b=2"]
        try #require(context.asPassedOn(by: 0xabc, isSampled: false)).write(to: &headers)
        #expect(headers.values("traceparent") == ["00-0af7651916cd43dd8448eb211c80319c-0000000000000abc-00"])
        #expect(headers.values("tracestate") == ["a=1"])
        #expect(context.asPassedOn(by: 0, isSampled: true) == nil)
    }
}
