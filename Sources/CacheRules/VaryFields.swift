internal import Bytes
public import HTTPWire

/// The field names of `Vary`.
public enum VaryFields {
    /// Lower-case names of all `Vary` fields in order, each once; `*` among them if it was there.
    public static func names(_ headers: Headers) -> [String] {
        var names: [String] = []
        for value in headers.values("Vary") {
            for name in value.split(separator: ",") {
                let name = ASCII.lowercased(ASCII.trimmed(name))
                if !name.isEmpty, !names.contains(name) { names.append(name) }
            }
        }
        return names
    }
}
