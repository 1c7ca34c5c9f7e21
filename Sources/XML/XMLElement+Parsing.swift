internal import CExpat

extension XMLElement {
    /// Reads a whole document and returns its root element.
    ///
    /// Document type declarations are refused, so no entity but XML's five is ever expanded.
    public static func parse(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(XMLError) -> XMLElement {
        guard let count = Int32(exactly: bytes.count),
            let parser = XML_ParserCreateNS(nil, XMLTreeBuilder.namespaceSeparator)
        else { throw .tooLarge }
        defer { XML_ParserFree(parser) }
        let tree = XMLTreeBuilder(parser: parser, limits: limits)
        tree.installHandlers()
        let status = withExtendedLifetime(tree) {
            bytes.withUnsafeBytes { XML_Parse(parser, $0.baseAddress, count, 1) }
        }
        if let refusal = tree.refusal { throw refusal }
        guard status == XML_STATUS_OK, let root = tree.root else {
            throw .malformed(
                "\(String(cString: XML_ErrorString(XML_GetErrorCode(parser)))) at line \(XML_GetCurrentLineNumber(parser)), "
                    + "column \(XML_GetCurrentColumnNumber(parser) + 1)")
        }
        return root
    }
}

/// Puts expat's events together; lives as long as one call of the parser, which holds an unretained pointer to it.
private final class XMLTreeBuilder {
    /// Stands between a namespace and a name; expat refuses it in either.
    static let namespaceSeparator = XML_Char(0x0a)

    private(set) var root: XMLElement?
    private(set) var refusal: XMLError?
    private let parser: XML_Parser
    private let limits: XMLLimits
    private var open: [XMLElement] = []
    private var elements = 0

    init(parser: XML_Parser, limits: XMLLimits) {
        self.parser = parser
        self.limits = limits
    }

    func installHandlers() {
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { context, name, _ in XMLTreeBuilder.at(context)?.begin(name) },
            { context, _ in XMLTreeBuilder.at(context)?.end() })
        XML_SetCharacterDataHandler(parser) { context, text, count in
            XMLTreeBuilder.at(context)?.append(text, count: Int(count))
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            XMLTreeBuilder.at(context)?.refuse(.documentType)
        }
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> XMLTreeBuilder? {
        context.map { Unmanaged<XMLTreeBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    private func begin(_ name: UnsafePointer<CChar>?) {
        guard let name else { return }
        elements += 1
        guard elements <= limits.elements, open.count < limits.depth else { return refuse(.tooLarge) }
        let parts = String(cString: name).split(separator: "\n")
        open.append(XMLElement(name: parts.last.map(String.init) ?? ""))
    }

    private func end() {
        guard let element = open.popLast() else { return }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }

    private func append(_ text: UnsafePointer<CChar>?, count: Int) {
        guard let text, !open.isEmpty else { return }
        open[open.count - 1].text += String(
            decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private func refuse(_ error: XMLError) {
        refusal = refusal ?? error
        XML_StopParser(parser, XML_Bool(XML_FALSE))
    }
}
