import Configuration
import JSON

/// Reads the distribution documents that a process configuration names, and checks what they say about each other.
struct DistributionsReading {
    /// The default one first; empty if one cannot be used.
    private(set) var distributions: [Distribution] = []
    /// Where the documents stand, in the same order.
    private(set) var files: [String] = []
    private(set) var problems: [ConfigurationProblem] = []

    init(_ values: Configuration, sources: SettingsSources) {
        let names =
            [(values.text("distribution"), "$.distribution")]
            + values.texts("distributions").enumerated().map { ($1, "$.distributions[\($0)]") }
        var isUsable = true
        for (name, place) in names {
            let path = sources.path(name)
            do {
                distributions.append(try Distribution(try JSONValue.parse(try sources.readFile(path))))
                files.append(path)
                continue
            } catch let refused as ConfigurationRefused {
                for problem in refused.problems { refuse("\(path): \(problem.path)", problem.message) }
            } catch {
                refuse(place, "\(path): \(error)")
            }
            isUsable = false
        }
        if isUsable { compare(refusesUnknown: values.text("unknownHosts") == "refuse") }
        if !problems.isEmpty { distributions = [] }
    }

    private mutating func compare(refusesUnknown: Bool) {
        var ids: [String: String] = [:]
        var aliases: [String: String] = [:]
        for (index, distribution) in distributions.enumerated() {
            let file = files[index]
            if let other = ids.updateValue(file, forKey: distribution.id) {
                refuse("\(file): $.Id", "\"\(distribution.id)\" is the Id of \(other) already: give each its own")
            }
            for (place, alias) in distribution.aliases.enumerated() {
                guard let other = aliases.updateValue(file, forKey: alias) else { continue }
                refuse(
                    "\(file): $.Aliases[\(place)]",
                    "\"\(alias)\" is an alias of \(other) already: a host has one distribution")
            }
            if distribution.aliases.isEmpty, index > 0 || refusesUnknown {
                refuse(
                    "\(file): $.Aliases",
                    index > 0
                        ? "is empty, so no request would reach this distribution: name the hosts it answers for"
                        : "is empty, and unknownHosts is \"refuse\": name the hosts it answers for")
            }
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}
