import CacheRules
import Telemetry

/// What is counted of text that is stored compressed.
extension EdgeMetricTable {
    static let compressedObjects = MetricDeclaration(
        "weir_edge_compressed_objects_total", .counter, unit: "objects", help: "Codings of objects stored, by coding.",
        labels: ["coding"])
    static let compressionInput = MetricDeclaration(
        "weir_edge_compression_input_bytes_total", .counter, unit: "bytes",
        help: "Bytes of those objects as they came, by coding.", labels: ["coding"])
    static let compressionOutput = MetricDeclaration(
        "weir_edge_compression_output_bytes_total", .counter, unit: "bytes",
        help: "Bytes of those objects compressed, by coding.", labels: ["coding"])

    static let compression: [MetricDeclaration] = [compressedObjects, compressionInput, compressionOutput]
}

extension EdgeMetrics {
    /// A coding of an object was stored.
    func compressed(_ coding: AcceptEncoding.Coding, from before: Int, to after: Int) {
        registry.counter(EdgeMetricTable.compressedObjects, "\(coding.name)").add()
        registry.counter(EdgeMetricTable.compressionInput, "\(coding.name)").add(before)
        registry.counter(EdgeMetricTable.compressionOutput, "\(coding.name)").add(after)
    }
}
