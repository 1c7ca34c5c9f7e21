internal import HTTPWire

/// Why something is not done, as those say it who would do it.
protocol Refusal: Error {
    /// The reasons, each by the name that programs compare.
    associatedtype Code: RawRepresentable<String>

    /// The reason.
    var code: Code { get }
    /// A sentence for people.
    var message: String { get }
    /// What is answered.
    var status: HTTPStatus { get }
    /// The member of the body that cannot be, whose name the message goes on after; nil where it is about something else.
    var member: String? { get }
}

extension Refusal {
    var member: String? { nil }
}

extension Problem {
    /// Why something is not done.
    init(_ refusal: some Refusal) {
        if let member = refusal.member {
            self = .unprocessable(member, "\(refusal.message).", code: refusal.code.rawValue)
        } else {
            self.init(refusal.status, refusal.code.rawValue, refusal.message)
        }
    }
}
