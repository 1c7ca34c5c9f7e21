internal import Bytes
internal import Crypto

/// Gives assets their hashed names and puts these into the documents that refer to them by `{{name}}`.
public struct AssetNames {
    private var paths: [String: String] = [:]

    /// No names.
    public init() {}

    /// - Returns: the path under which the asset is served, with the names of the assets it refers to filled in.
    public mutating func add(_ content: [UInt8], as name: String, type: String) -> (path: String, document: WebDocument)
    {
        let resolved = resolve(content)
        let digest = Hex.encode(Digest.sha256(resolved).prefix(8))
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let path = "/assets/\(name[..<dot])-\(digest)\(name[dot...])"
        paths[name] = path
        return (path, WebDocument(resolved, type: type))
    }

    /// The content with the hashed paths of the assets it refers to.
    public func resolve(_ content: [UInt8]) -> [UInt8] {
        var text = String(decoding: content, as: UTF8.self)
        for (name, path) in paths {
            text = text.split(separator: "{{\(name)}}", omittingEmptySubsequences: false).joined(separator: path)
        }
        return Array(text.utf8)
    }
}
