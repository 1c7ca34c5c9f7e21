import AccessLog
import Testing

struct CMCDParserTests {
    private func pairs(_ list: String) -> [String] {
        withBytes(list) { bytes in
            var pairs: [String] = []
            CMCDParser.forEachPair(in: bytes) { key, value in
                let text =
                    switch value {
                    case .integer(let number): "\(number)"
                    case .decimal(let digits): String(decoding: digits, as: UTF8.self)
                    case .flag(let flag): "\(flag)"
                    case .text(let text): "'\(String(decoding: text, as: UTF8.self))'"
                    }
                pairs.append("\(key.fieldName.description.dropFirst(5))=\(text)")
            }
            return pairs
        }
    }

    @Test func `Every key has a name of CloudFront's and a form`() {
        let list = """
            br=1,bl=2,bs,cid="c",d=3,dl=4,mtp=5,nor="n",nrr="0-9",ot=av,pr=1.5,rtp=6,sf=h,sid="s",st=l,su,tb=7,v=1
            """
        #expect(
            pairs(list) == [
                "encoded-bitrate=1", "buffer-length=2", "buffer-starvation=true", "content-id='c'",
                "object-duration=3", "deadline=4", "measured-throughput=5", "next-object-request='n'",
                "next-range-request='0-9'", "object-type='av'", "playback-rate=1.5", "requested-maximum-throughput=6",
                "streaming-format='h'", "session-id='s'", "stream-type='l'", "startup=true", "top-bitrate=7",
                "version=1",
            ])
        #expect(CMCDKey.allCases.count == 18 && Set(CMCDKey.allCases.map { "\($0.fieldName)" }).count == 18)
    }

    @Test(arguments: [
        "", ",", ",,,", "br", "br=", "br=-1", "br=1.5", "br=0x10", "br=\"1\"", "br=9999999999999999999", "BR=1", "xx=1",
        "bs=1", "pr=.5", "pr=1.", "pr=01", "pr=1e5", "sid=plain", "sid=\"", "sid=\"a", "sid=a\"", "sid=\"a\"b\"",
        "sid=\"a\\\"", "sid=\"\\n\"", "sid=\"\u{1}\"", "sid=\"é\"", "ot=", "ot=a b", "=1", "com.example-key=1",
    ])
    func `What is not of a key's form is left out`(list: String) {
        #expect(pairs(list).isEmpty)
    }

    @Test func `A comma between quotes is text, blanks around a pair are not`() {
        #expect(
            pairs(#" cid="a,b\",c" , br=5,"#) == [#"content-id='a,b\",c'"#, "encoded-bitrate=5"])
        #expect(pairs("cid=\"a,br=5") == [])
    }
}
