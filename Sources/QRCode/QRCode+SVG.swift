extension QRCode {
    /// An SVG document of one path, a unit a module, black on white with a quiet zone of four modules.
    ///
    /// It has no size of its own, no style, script or reference, and may stand within a page.
    ///
    /// - Parameter title: what people are told who do not see it. It is written as it is, which is why it can only be a
    ///   constant of the program.
    public func svg(title: StaticString) -> String {
        let size = extent.count
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" role="img" shape-rendering="crispEdges">\
            <title>\(title)</title><path fill="#fff" d="M0 0h\(size)v\(size)H0z"/><path d="\(path)"/></svg>
            """
    }

    /// What is dark, as the data of an SVG path over a square of `extent`: rectangles around modules of a row that lie side by
    /// side.
    public var path: String {
        (0..<side).flatMap { row in
            runs(ofRow: row).map { run in
                "M\(run.lowerBound + Self.quietZone) \(row + Self.quietZone)h\(run.count)v1h-\(run.count)z"
            }
        }.joined()
    }

    private func runs(ofRow row: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in 0..<side where self[row, column] {
            if let last = runs.last, last.upperBound == column {
                runs[runs.count - 1] = last.lowerBound..<column + 1
            } else {
                runs.append(column..<column + 1)
            }
        }
        return runs
    }
}
