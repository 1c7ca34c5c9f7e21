/// A status code (RFC 9110 §15) with its customary phrase.
public struct HTTPStatus: Sendable, Hashable {
    /// Three digits, 100 to 999.
    public let code: Int

    /// Traps outside 100 to 999: codes from the network are checked where they are parsed.
    public init(code: Int) {
        precondition(100...999 ~= code, "status code must have three digits")
        self.code = code
    }

    /// Whether the response is interim (1xx).
    public var isInterim: Bool { code < 200 }

    /// Whether the code says success (2xx).
    public var isSuccess: Bool { 200..<300 ~= code }

    /// Whether a response with this code never has a body (RFC 9112 §6.3).
    public var forbidsBody: Bool { isInterim || code == 204 || code == 304 }

    /// 100.
    public static let `continue` = HTTPStatus(code: 100)
    /// 200.
    public static let ok = HTTPStatus(code: 200)
    /// 201.
    public static let created = HTTPStatus(code: 201)
    /// 202.
    public static let accepted = HTTPStatus(code: 202)
    /// 204.
    public static let noContent = HTTPStatus(code: 204)
    /// 206.
    public static let partialContent = HTTPStatus(code: 206)
    /// 301.
    public static let movedPermanently = HTTPStatus(code: 301)
    /// 302.
    public static let found = HTTPStatus(code: 302)
    /// 303.
    public static let seeOther = HTTPStatus(code: 303)
    /// 304.
    public static let notModified = HTTPStatus(code: 304)
    /// 307.
    public static let temporaryRedirect = HTTPStatus(code: 307)
    /// 308.
    public static let permanentRedirect = HTTPStatus(code: 308)
    /// 400.
    public static let badRequest = HTTPStatus(code: 400)
    /// 401.
    public static let unauthorized = HTTPStatus(code: 401)
    /// 403.
    public static let forbidden = HTTPStatus(code: 403)
    /// 404.
    public static let notFound = HTTPStatus(code: 404)
    /// 405.
    public static let methodNotAllowed = HTTPStatus(code: 405)
    /// 408.
    public static let requestTimeout = HTTPStatus(code: 408)
    /// 409.
    public static let conflict = HTTPStatus(code: 409)
    /// 410.
    public static let gone = HTTPStatus(code: 410)
    /// 411.
    public static let lengthRequired = HTTPStatus(code: 411)
    /// 412.
    public static let preconditionFailed = HTTPStatus(code: 412)
    /// 413.
    public static let contentTooLarge = HTTPStatus(code: 413)
    /// 414.
    public static let uriTooLong = HTTPStatus(code: 414)
    /// 415.
    public static let unsupportedMediaType = HTTPStatus(code: 415)
    /// 416.
    public static let rangeNotSatisfiable = HTTPStatus(code: 416)
    /// 417.
    public static let expectationFailed = HTTPStatus(code: 417)
    /// 421.
    public static let misdirectedRequest = HTTPStatus(code: 421)
    /// 422.
    public static let unprocessableContent = HTTPStatus(code: 422)
    /// 429.
    public static let tooManyRequests = HTTPStatus(code: 429)
    /// 431.
    public static let requestHeaderFieldsTooLarge = HTTPStatus(code: 431)
    /// 500.
    public static let internalServerError = HTTPStatus(code: 500)
    /// 501.
    public static let notImplemented = HTTPStatus(code: 501)
    /// 502.
    public static let badGateway = HTTPStatus(code: 502)
    /// 503.
    public static let serviceUnavailable = HTTPStatus(code: 503)
    /// 504.
    public static let gatewayTimeout = HTTPStatus(code: 504)
    /// 505.
    public static let versionNotSupported = HTTPStatus(code: 505)
}

extension HTTPStatus {
    /// The phrase for the status line; nobody may depend on it, so an unknown code has an empty one.
    public var reasonPhrase: StaticString {
        switch code {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 425: "Too Early"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 451: "Unavailable For Legal Reasons"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: ""
        }
    }
}

extension HTTPStatus: CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// Code and phrase.
    public var description: String { "\(code) \(reasonPhrase)" }
    /// The status of that code.
    public init(integerLiteral value: Int) { self.init(code: value) }
}
