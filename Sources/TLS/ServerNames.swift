/// Which of several certificates answers for a host name: exact names before wildcards of one label (RFC 6125 §6.4.3).
struct ServerNames: Sendable {
    private var exact: [String: Int] = [:]
    /// By what follows the star, with its dot.
    private var wildcards: [String: Int] = [:]

    /// Takes the names of each certificate in order; of two with the same name the first answers.
    init(_ names: [[String]]) {
        for (index, names) in names.enumerated() {
            for name in names {
                if name.hasPrefix("*.") {
                    let suffix = String(name.dropFirst())
                    wildcards[suffix] = wildcards[suffix] ?? index
                } else {
                    exact[name] = exact[name] ?? index
                }
            }
        }
    }

    /// The certificate for a name as a client sent it; nil if none has it.
    func certificate(for name: String) -> Int? {
        var name = name.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if let index = exact[name] { return index }
        guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
        return wildcards[String(name[dot...])]
    }
}
