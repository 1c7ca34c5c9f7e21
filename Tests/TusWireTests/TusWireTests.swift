import Testing
import TusWire

@Suite struct UploadMetadataTests {
    @Test func `pairs have values in base64, and a name may stand alone`() throws {
        let metadata = try UploadMetadata("filename ZmlsbSDDpC5tcDQ=, is_private,title ")
        #expect(metadata.names == ["filename", "is_private", "title"])
        #expect(try metadata.text("filename") == "film ä.mp4")
        #expect(metadata["is_private"] == [] && metadata["title"] == [] && metadata["nothing"] == nil)
    }

    @Test func `the first of several names counts that is there`() throws {
        let metadata = try UploadMetadata("name Yg==,type dg==")
        #expect(try metadata.text("filename", "name") == "b")
        #expect(try metadata.text("title") == nil)
    }

    @Test(arguments: ["", "  "]) func `an empty field has no pairs`(_ text: String) throws {
        #expect(try UploadMetadata(text).names == [])
    }

    @Test(arguments: [
        ",", "a Yg==,", " ,a", "a  Yg==", "a Yg== Yg==", "a Y", "a ====", "a Yg==,a Yg==", "\u{1} Yg==", "ä Yg==",
    ])
    func `what is no pair is refused`(_ text: String) {
        #expect(throws: TusSyntaxError.self) { try UploadMetadata(text) }
    }

    @Test func `there are as many pairs as there may be`() throws {
        let pairs = (0..<UploadMetadata.maximumPairs).map { "n\($0)" }
        #expect(try UploadMetadata(pairs.joined(separator: ",")).names.count == UploadMetadata.maximumPairs)
        #expect(throws: TusSyntaxError.self) { try UploadMetadata((pairs + ["more"]).joined(separator: ",")) }
    }

    @Test func `text that is no UTF-8 is refused when it is asked for`() throws {
        let metadata = try UploadMetadata("title /w==")
        #expect(metadata["title"] == [0xff])
        #expect(throws: TusSyntaxError.self) { try metadata.text("title") }
    }
}

@Suite struct UploadConcatenationTests {
    private func read(_ text: String) throws -> UploadConcatenation { try UploadConcatenation(text, in: "/tus/") }

    @Test func `a part says so, and a whole names its parts by path or URL`() throws {
        #expect(try read("partial") == .partial)
        #expect(try read("final;/tus/a1 https://edge.test:8443/tus/b2") == .final(["a1", "b2"]))
        #expect(try read("final;/tus/a1 /tus/b2").text(in: "/tus/") == "final;/tus/a1 /tus/b2")
        #expect(UploadConcatenation.partial.text(in: "/tus/") == "partial")
    }

    @Test(arguments: [
        "", "final", "final;", "final; ", "Partial", "partial;/tus/a", "final;a", "final;/tus/", "final;/tus/a /tus/a",
        "final;/tus/../b", "final;/tus/A", "final;/tus/a?b", "final;/tus/a/b", "final;ftp://h/tus/a",
        "final;https:///tus/a", "final;http://h",
    ])
    func `what names no upload is refused`(_ text: String) {
        #expect(throws: TusSyntaxError.self) { try read(text) }
    }

    @Test func `there are as many parts as there may be`() throws {
        let urls = (0..<UploadConcatenation.maximumPartials).map { "/tus/\($0)" }
        let ids = (0..<UploadConcatenation.maximumPartials).map { "\($0)" }
        #expect(try read("final;" + urls.joined(separator: " ")) == .final(ids))
        #expect(throws: TusSyntaxError.self) { try read("final;" + (urls + ["/tus/x"]).joined(separator: " ")) }
    }
}

@Suite struct UploadChecksumTests {
    @Test(arguments: [
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", UploadChecksum.Algorithm.sha1), ("crc32 y/Q5Jg==", .crc32),
        ("md5 1B2M2Y8AsgTpgAmY7PhCfg==", .md5), ("sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", .sha256),
    ])
    func `an algorithm and as many bytes as it has`(_ text: String, _ algorithm: UploadChecksum.Algorithm) throws {
        #expect(try UploadChecksum(text).algorithm == algorithm)
    }

    @Test(arguments: [
        "", "sha1", "sha1 ", "sha1 y/Q5Jg==", "sha512 y/Q5Jg==", "crc32 y/Q5Jg== ", "crc32  y/Q5Jg==", "CRC32 y/Q5Jg==",
    ])
    func `anything else is refused`(_ text: String) {
        #expect(throws: TusSyntaxError.self) { try UploadChecksum(text) }
    }
}
