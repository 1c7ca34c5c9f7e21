internal import JSON

extension Configuration {
    /// The keys whose values differ in a document of the same table, such as `cache.capacityMebibytes`, in the table's order.
    /// Lists and maps are one key; a secret differs when its source does.
    public func differences(from other: Configuration) -> [String] {
        parameters.flatMap { parameter -> [String] in
            if case .section = parameter.kind {
                return section(parameter.key).differences(from: other.section(parameter.key))
                    .map { "\(parameter.key).\($0)" }
            }
            return values[parameter.key] == other.values[parameter.key] ? [] : [parameter.key]
        }
    }
}
