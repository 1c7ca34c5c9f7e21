/// S3's `CompleteMultipartUpload` document: which parts are the object.
public enum CompletionDocument {
    /// The document of parts 1, 2, 3 … with these MD5s in hex.
    public static func text(md5s: [String]) -> String {
        let parts = zip(1..., md5s).map { number, md5 in
            "<Part><PartNumber>\(number)</PartNumber><ETag>\"\(md5)\"</ETag></Part>"
        }
        return "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
    }
}
