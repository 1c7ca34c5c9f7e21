import Configuration
import HTTPWire

/// Reads `CustomErrorResponses`: for how long errors are kept, and which pages stand for them.
struct ErrorResponseReading {
    private(set) var seconds: [Int: Int] = [:]
    private(set) var pages: [ErrorPage] = []
    private(set) var problems: [ConfigurationProblem] = []

    init(_ responses: [Configuration]) {
        for (index, values) in responses.enumerated() {
            let path = "$.CustomErrorResponses[\(index)]"
            let code = values.integer("ErrorCode")
            if seconds.updateValue(values.integer("ErrorCachingMinTTL"), forKey: code) != nil {
                refuse("\(path).ErrorCode", "\(code) is given twice")
            }
            readPage(values, code: code, at: path)
        }
    }

    private mutating func readPage(_ values: Configuration, code: Int, at path: String) {
        let responseCode = values.optionalInteger("ResponseCode")
        guard let page = values.optionalText("ResponsePagePath") else {
            if let responseCode {
                refuse(
                    "\(path).ResponseCode", "\(responseCode) needs a ResponsePagePath: without a page the status stays")
            }
            return
        }
        if let responseCode, HTTPStatus(code: responseCode).forbidsBody {
            refuse("\(path).ResponseCode", "\(responseCode) has no body, and a page is one")
        }
        guard let normal = RequestTarget.normalise(page), page.hasPrefix("/"), normal == page else {
            return refuse(
                "\(path).ResponsePagePath",
                "\"\(page)\" is not a path in its normal form: begin with a slash, and leave out query, fragment, '..' and '//'"
            )
        }
        pages.append(ErrorPage(errorCode: code, path: page, responseCode: responseCode ?? code))
    }

    /// What is wrong with pages that `distribution` would not give to everybody.
    static func problems(of responses: [Configuration], in distribution: Distribution) -> [ConfigurationProblem] {
        responses.enumerated().compactMap { index, values in
            guard let path = values.optionalText("ResponsePagePath") else { return nil }
            let behavior = distribution.allBehaviors[
                Array(path.utf8).withUnsafeBytes { distribution.behaviorIndex(for: $0) }]
            guard behavior.needsSignature else { return nil }
            return ConfigurationProblem(
                path: "$.CustomErrorResponses[\(index)].ResponsePagePath",
                message:
                    "\"\(path)\" is of the behavior \(behavior.name), which wants a signature: give the page a public "
                    + "behavior listed before it")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
