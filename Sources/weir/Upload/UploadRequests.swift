import Bytes
import Crypto
import HTTPClient
import HTTPWire
import ResumableUpload

/// The requests by which one file goes to the S3 listener; what fails is told as what it means for the upload.
struct UploadRequests: Sendable {
    private static let maximumAnswerBytes = 65_536

    let client: HTTPClient
    let file: UploadFile
    let gauge: TransferGauge

    /// Sends a part, with its MD5 so that nothing else is stored; the MD5, in hex, once it is stored.
    func send(
        _ part: Transfer.Part, to url: String, headers extra: [String: String]
    ) async -> Result<String, Transfer.Failure> {
        await attempt("part \(part.number)") {
            let md5 = try file.md5(of: part.range)
            var headers = Headers()
            for (name, value) in extra { headers.add(name, value) }
            headers.add("Content-MD5", Base64.encode(md5))
            let body = ClientRequest.Body.asyncStream(length: part.range.count) { [file, gauge] writer in
                try await file.forEachPiece(of: part.range) { piece in
                    try await writer.write(piece)
                    gauge.advance(part.number, by: piece.count)
                }
            }
            let answer = try await exchange(.put, url, headers, body)
            let (tag, hex) = (answer.headers.first("etag") ?? "", Hex.encode(md5))
            guard tag == "\"\(hex)\"" else {
                throw Transfer.Failure(.passing, "part \(part.number) was stored as \(tag), and it is \(hex)")
            }
            return hex
        }
    }

    /// The MD5 of a part as it is here.
    func digest(_ part: Transfer.Part) async -> Result<String, Transfer.Failure> {
        await attempt("part \(part.number)") { Hex.encode(try file.md5(of: part.range)) }
    }

    /// Has the parts put together, and sees that the whole is what was sent.
    func complete(_ url: String, md5s: [String]) async -> Result<Void, Transfer.Failure> {
        await attempt("the completion") {
            let document = CompletionDocument.text(md5s: md5s)
            let answer = try await exchange(.post, url, Headers(), .bytes(Array(document.utf8)))
            let whole = Hex.encode(Digest.md5(md5s.flatMap { Hex.decode($0) ?? [] })) + "-\(md5s.count)"
            guard answer.text.contains(whole) else {
                throw Transfer.Failure(.lasting, "the whole was stored with another ETag than \(whole)")
            }
        }
    }

    private func exchange(
        _ method: HTTPMethod, _ url: String, _ headers: Headers, _ body: ClientRequest.Body
    ) async throws -> (headers: Headers, text: String) {
        let place = try ServiceConnection.parse(url)
        var request = ClientRequest(
            endpoint: place.endpoint, method: method, target: place.target, headers: headers, body: body)
        // The answer comes when everything is durable.
        request.responseTimeout = .seconds(120)
        let answer = try await client.send(request)
        let text = String(decoding: try await answer.body.collect(upTo: Self.maximumAnswerBytes), as: UTF8.self)
        guard answer.status.code == 200 else {
            throw S3Refusal(text).failure(status: answer.status.code, at: "\(place.endpoint)")
        }
        return (answer.headers, text)
    }

    /// A file that is written to cannot be sent, whatever the failure looked like.
    private func attempt<Value>(
        _ what: String, _ work: () async throws -> Value
    ) async -> Result<Value, Transfer.Failure> {
        do {
            return .success(try await work())
        } catch {
            guard !file.hasChanged else {
                return .failure(Transfer.Failure(.lasting, "\(file.path) was changed while it was sent"))
            }
            switch error {
            case let failure as Transfer.Failure:
                return .failure(Transfer.Failure(failure.kind, "\(what): \(failure.reason)"))
            case let failure as CommandFailure: return .failure(Transfer.Failure(.lasting, failure.description))
            default: return .failure(Transfer.Failure(.passing, "\(what): \(error)"))
            }
        }
    }
}
