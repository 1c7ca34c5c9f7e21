internal import Catalog

/// Why an attempt came to nothing.
struct ImportFailure: Error, Equatable {
    let failure: VideoImport.Failure
    /// Whether another attempt may succeed.
    let mayRetry: Bool

    private init(_ code: String, _ detail: String, status: Int? = nil, mayRetry: Bool) {
        failure = VideoImport.Failure(code: code, detail: detail, status: status)
        self.mayRetry = mayRetry
    }

    static func refused(_ detail: String) -> ImportFailure {
        ImportFailure("import_refused_address", detail, mayRetry: false)
    }

    static func tooLarge(_ limit: Int64) -> ImportFailure {
        ImportFailure("import_too_large", "The file has more than \(limit) bytes.", mayRetry: false)
    }

    static func noRoom(_ detail: String) -> ImportFailure { ImportFailure("quota_exceeded", detail, mayRetry: false) }

    static func noVideo(_ type: String) -> ImportFailure {
        ImportFailure("import_failed", "The server sent \(type), which is no video.", status: 200, mayRetry: false)
    }

    /// Servers that are busy or broken may be so no longer; whatever else they refuse they mean.
    static func answered(_ status: Int) -> ImportFailure {
        ImportFailure(
            "import_failed", "The server answered \(status).", status: status,
            mayRetry: status >= 500 || [408, 425, 429].contains(status))
    }

    static func noAnswer(_ detail: String) -> ImportFailure { ImportFailure("import_failed", detail, mayRetry: true) }

    static let empty = ImportFailure("import_failed", "The file is empty.", status: 200, mayRetry: false)

    /// What had come was given up while more was fetched; the next attempt begins anew.
    static let expired = ImportFailure("import_failed", "The import has taken a week.", mayRetry: true)

    static let ours = ImportFailure("import_failed", "Something failed on our side.", mayRetry: true)

    static func brokenOff(_ received: Int64) -> ImportFailure {
        noAnswer("The server broke off after \(received) bytes.")
    }
}
