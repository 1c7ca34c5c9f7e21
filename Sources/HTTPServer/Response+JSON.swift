public import HTTPWire
public import JSON

extension Response {
    /// A document for operators and their scripts: one line.
    public static func json(_ status: HTTPStatus, _ document: JSONValue) -> Response {
        Response(status: status, contentType: "application/json", bytes: document.serialized() + [UInt8(ascii: "\n")])
    }
}
