internal import Bytes
public import HTTPWire

/// Chooses an async route by method and path. Patterns are literal segments, `{name}` for one segment and, last,
/// `{name...}` for all the rest; a literal wins over a parameter, whatever the method. HEAD falls back to GET. A path that exists under other
/// methods answers 405 with `Allow`, an unknown one goes to `notFound`.
public struct Router: Sendable {
    private struct Endpoint: Sendable {
        var names: [String]
        var route: AsyncRoute
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var endpoints: [HTTPMethod: Endpoint] = [:]
        var rest: [HTTPMethod: Endpoint] = [:]
    }

    private var nodes = [Node()]
    private let notFound: AsyncRoute

    /// Makes a router without routes; `notFound` answers what no pattern matches, by default 404 in plain text.
    public init(notFound: @escaping AsyncRoute = { _ in .text(.notFound, "Not found\n") }) {
        self.notFound = notFound
    }

    /// Adds a route. Traps on a malformed pattern or a duplicate, which are bugs of ours.
    public mutating func add(_ method: HTTPMethod, _ pattern: String, _ route: @escaping AsyncRoute) {
        precondition(pattern.hasPrefix("/"), "the pattern \(pattern) does not start with a slash")
        var names: [String] = []
        var node = 0
        let segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            if segment.hasPrefix("{"), segment.hasSuffix("...}") {
                precondition(index == segments.count - 1, "{name...} is not last in \(pattern)")
                names.append(String(segment.dropFirst().dropLast(4)))
                precondition(nodes[node].rest[method] == nil, "\(method) \(pattern) was added before")
                nodes[node].rest[method] = Endpoint(names: names, route: route)
                return
            }
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                names.append(String(segment.dropFirst().dropLast()))
                node = child(of: node, existing: nodes[node].parameter) { $0.parameter = $1 }
            } else {
                let literal = String(segment)
                node = child(of: node, existing: nodes[node].literals[literal]) { $0.literals[literal] = $1 }
            }
        }
        precondition(nodes[node].endpoints[method] == nil, "\(method) \(pattern) was added before")
        nodes[node].endpoints[method] = Endpoint(names: names, route: route)
    }

    /// Answers `request` with the route that matches it.
    public func respond(to request: Request) async -> Response {
        if request.method == .options, request.path.isEmpty {
            return Response(status: .noContent, headers: ["Allow": methods.sorted().joined(separator: ", ")])
        }
        let segments = request.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var decoded: [String] = []
        for segment in segments {
            guard let text = PercentEncoding.decode(String(segment)), !text.utf8.contains(0) else {
                return .text(.badRequest, "The path is not valid percent-encoded UTF-8\n")
            }
            decoded.append(text)
        }
        var allowed: Set<String> = []
        guard request.path.hasPrefix("/"), let (endpoint, values) = match(decoded, request.method, &allowed) else {
            if allowed.isEmpty { return await notFound(request) }
            var response = Response.text(.methodNotAllowed, "Method not allowed\n")
            response.headers.set("Allow", allowed.sorted().joined(separator: ", "))
            return response
        }
        var request = request
        request.parameters = Dictionary(zip(endpoint.names, values)) { _, last in last }
        return await endpoint.route(request)
    }

    /// Every method that some route takes.
    private var methods: Set<String> {
        var methods: Set<String> = ["OPTIONS"]
        for node in nodes {
            for method in [node.endpoints.keys, node.rest.keys].joined() { methods.insert(method.name) }
        }
        return methods
    }

    private mutating func child(of parent: Int, existing: Int?, _ link: (inout Node, Int) -> Void) -> Int {
        if let existing { return existing }
        nodes.append(Node())
        link(&nodes[parent], nodes.count - 1)
        return nodes.count - 1
    }

    private func match(
        _ segments: [String], _ method: HTTPMethod, _ allowed: inout Set<String>
    ) -> (Endpoint, [String])? {
        match(segments[...], at: 0, captured: [], method, &allowed)
    }

    private func match(
        _ segments: ArraySlice<String>, at index: Int, captured: [String], _ method: HTTPMethod,
        _ allowed: inout Set<String>
    ) -> (Endpoint, [String])? {
        let node = nodes[index]
        guard let first = segments.first else { return select(node.endpoints, captured, method, &allowed) }
        let others = segments.dropFirst()
        if let literal = node.literals[first] {
            let found = match(others, at: literal, captured: captured, method, &allowed)
            if found != nil || !allowed.isEmpty { return found }
        }
        if let parameter = node.parameter, !first.isEmpty {
            let found = match(others, at: parameter, captured: captured + [first], method, &allowed)
            if found != nil || !allowed.isEmpty { return found }
        }
        return select(node.rest, captured + [segments.joined(separator: "/")], method, &allowed)
    }

    private func select(
        _ endpoints: [HTTPMethod: Endpoint], _ captured: [String], _ method: HTTPMethod, _ allowed: inout Set<String>
    ) -> (Endpoint, [String])? {
        if let endpoint = endpoints[method] ?? (method == .head ? endpoints[.get] : nil) { return (endpoint, captured) }
        allowed.formUnion(endpoints.keys.map(\.name))
        return nil
    }
}
