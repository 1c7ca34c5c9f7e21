internal import AccessSigning
internal import Bytes
internal import HTTPServer
internal import HTTPWire
internal import S3Wire
internal import XML

/// The fields of a browser's form, whose signed policy was found to allow them; the file follows.
struct PostForm {
    let key: String
    /// The access key that signed the policy.
    let signer: String
    /// The fields as the header of a PUT would carry them.
    let headers: Headers
    let tags: ObjectTags
    /// Bytes that the file may have.
    let fileBytes: ClosedRange<Int64>
    let answer: PostAnswer

    /// Whether a request is a form, which proves itself by its policy and not by a signature of its own.
    static func isOne(_ request: Request) -> Bool {
        request.method == .post && !request.headers.contains("authorization")
            && request.headers.first("content-type").map {
                ASCII.lowercased($0).hasPrefix("multipart/form-data")
            } ?? false
    }

    /// `fields` have lower-case names; `file` is what the browser calls the file, `contentType` what it takes it for.
    init(
        _ fields: [String: String], file: String, contentType: String?, to bucket: String,
        _ configuration: S3Configuration, now: Int64
    ) throws(S3Error) {
        let (policy, signer) = try PostForm.provenPolicy(fields, bucket, configuration, now: now)
        self.signer = signer
        var fields = fields
        guard let key = fields["key"].map({ PostForm.expand($0, file: file) }), !key.isEmpty else {
            throw .invalidArgument("Bucket POST must contain a field named 'key'.")
        }
        fields["key"] = key
        do throws(PostPolicy.Violation) {
            try policy.check(fields, bucket: bucket, nowEpochSeconds: now / 1_000)
        } catch {
            throw S3Error(error)
        }
        try S3Target.check(key: key)
        self.key = key
        fileBytes = policy.fileBytes
        answer = PostAnswer(fields)
        tags = try fields["tagging"].map { (text) throws(S3Error) in try PostForm.tags(text) } ?? ObjectTags()
        var headers = Headers()
        for (name, value) in fields where PostForm.isHeader(name) {
            guard headers.add(name, value) else { throw .invalidArgument("The field '\(name)' cannot be stored.") }
        }
        if headers.first("content-type") == nil, let contentType { headers.set("content-type", contentType) }
        self.headers = headers
    }

    /// Whether a field describes the object or its bytes.
    private static func isHeader(_ name: String) -> Bool {
        name.hasPrefix("content-") || name.hasPrefix("x-amz-meta-") || name.hasPrefix("x-amz-checksum-")
            || ["cache-control", "expires", "x-amz-sdk-checksum-algorithm"].contains(name)
    }

    /// The policy, once its signature is known to be that of a key which may write to the bucket.
    private static func provenPolicy(
        _ fields: [String: String], _ bucket: String, _ configuration: S3Configuration, now: Int64
    ) throws(S3Error) -> (PostPolicy, signer: String) {
        let signer: AccessKey
        do throws(SigV4Error) {
            signer = try configuration.accessKeys.key(
                signing: SigV4PolicySignature(fields: fields), region: configuration.region, service: "s3",
                nowEpochSeconds: now / 1_000)
        } catch {
            throw S3Error(error)
        }
        guard S3Access(signer, isPresigned: true, configuration).mayWrite(bucket) else { throw .accessDenied }
        guard let bytes = fields["policy"].flatMap({ Base64.decode($0) }) else {
            throw invalidPolicy("it is no base64")
        }
        do throws(PostPolicy.Violation) {
            return (try PostPolicy(bytes), signer.id)
        } catch {
            throw S3Error(error)
        }
    }

    /// `${filename}` is what the browser calls the file, without the folders that some of them tell.
    private static func expand(_ key: String, file: String) -> String {
        let name = file.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        return key.split(separator: "${filename}", omittingEmptySubsequences: false).joined(separator: name)
    }

    private static func tags(_ text: String) throws(S3Error) -> ObjectTags {
        let document: XMLElement
        do throws(XMLError) {
            document = try XMLElement.parse(Array(text.utf8))
        } catch {
            throw .malformedXML("\(error)")
        }
        return try ObjectTags(document)
    }

    fileprivate static func invalidPolicy(_ reason: String) -> S3Error {
        S3Error("InvalidPolicyDocument", 400, "The content of the form does not meet the conditions: \(reason).")
    }
}

extension S3Error {
    /// What S3 calls a violation of a policy.
    init(_ violation: PostPolicy.Violation) {
        switch violation {
        case .malformed(let reason): self = PostForm.invalidPolicy(reason)
        case .expired: self = S3Error("AccessDenied", 403, "Invalid according to Policy: Policy expired.")
        case .condition(let field):
            self = S3Error("AccessDenied", 403, "Invalid according to Policy: Policy Condition failed: \(field)")
        }
    }

    /// A signature's refusal, which has S3's words already.
    init(_ error: SigV4Error) {
        self.init(error.code, HTTPStatus(code: error.status), error.message)
    }
}
