/// `Upload-Concat`: whether an upload is a part of a file, or made of such parts.
public enum UploadConcatenation: Sendable, Equatable {
    /// Bytes that others will be put before or behind.
    case partial
    /// All bytes of the uploads with these ids, in this order; at least one, none twice.
    case final([String])

    /// How many uploads one may be made of (256).
    public static let maximumPartials = 256

    /// Reads the field. The uploads are named by their URLs, whose path is `folder` and an id; on which host does not matter, since no
    /// other one's uploads can be meant.
    public init(_ text: String, in folder: String) throws(TusSyntaxError) {
        if text == "partial" {
            self = .partial
            return
        }
        guard text.hasPrefix("final;") else {
            throw TusSyntaxError("must be partial, or final; with the uploads' URLs.")
        }
        var ids: [String] = []
        for url in text.dropFirst(6).split(separator: " ") {
            guard let id = Self.id(url, in: folder) else {
                throw TusSyntaxError("names what is no upload of this server.")
            }
            guard !ids.contains(id) else { throw TusSyntaxError("names an upload twice.") }
            ids.append(id)
        }
        guard !ids.isEmpty else { throw TusSyntaxError("names no upload.") }
        guard ids.count <= Self.maximumPartials else {
            throw TusSyntaxError("names more than \(Self.maximumPartials) uploads.")
        }
        self = .final(ids)
    }

    /// The field as it is sent.
    public func text(in folder: String) -> String {
        switch self {
        case .partial: "partial"
        case .final(let ids): "final;" + ids.map { folder + $0 }.joined(separator: " ")
        }
    }

    private static func id(_ url: Substring, in folder: String) -> String? {
        var path = url
        for scheme in ["http://", "https://"] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            guard let slash = rest.firstIndex(of: "/"), slash > rest.startIndex else { return nil }
            path = rest[slash...]
        }
        guard path.hasPrefix(folder) else { return nil }
        let id = path.dropFirst(folder.count)
        let isLetter = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) }
        return (1...64).contains(id.utf8.count) && id.utf8.allSatisfy(isLetter) ? String(id) : nil
    }
}
