import AccessSigning
import Crypto
import HTTPWire

/// A request with its bytes, checked the way the edge does.
struct Viewer {
    var isTLS = true
    var host = "cdn.example.com"
    var path = "/media/42/index.m3u8"
    var query: String?
    var cookieFields: [String] = []
    var peer: [UInt8] = [192, 0, 2, 10]
    var now: Int64 = 1_800_000_000

    func check(_ verifier: SignedAccessVerifier, memo: inout AccessMemo) -> AccessDecision {
        // One block for all fields, as in a connection's buffer; the lengths cut it up again.
        let parts = [host, path, query ?? ""] + cookieFields
        let bytes = parts.flatMap { Array($0.utf8) }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            let views = parts.map { part in
                defer { offset += part.utf8.count }
                return UnsafeRawBufferPointer(rebasing: buffer[offset..<(offset + part.utf8.count)])
            }
            let fields = views.dropFirst(3)
            let request = AccessRequest(
                isTLS: isTLS, host: views[0], path: views[1], query: query == nil ? nil : views[2],
                cookieField: fields.count == 1 ? fields.first : nil, peer: IPAddress(bytes: peer),
                nowEpochSeconds: now)
            return verifier.check(request, cookies: { SignedCookies(scanning: fields) }, memo: &memo)
        }
    }

    func check(_ verifier: SignedAccessVerifier) -> AccessDecision {
        var memo = AccessMemo()
        return check(verifier, memo: &memo)
    }
}

extension [CloudFrontSigner.Cookie] {
    /// As one `Cookie` field.
    var field: String { map { "\($0.name)=\($0.value)" }.joined(separator: "; ") }
}

func denied(_ code: AccessDenial.Code, _ reason: AccessDenial.Reason) -> AccessDecision {
    .denied(AccessDenial(code, reason))
}

extension AccessDecision {
    var denial: AccessDenial? {
        if case .denied(let denial) = self { return denial }
        return nil
    }

    var grant: AccessGrant? {
        if case .allowed(let grant) = self { return grant }
        return nil
    }
}
