extension QRCode {
    /// Lines of block characters, two rows of modules a line, for a terminal that writes light on dark: what is light is
    /// written, what is dark is left empty. The quiet zone is part of it.
    public var terminalText: String {
        stride(from: extent.lowerBound, to: extent.upperBound, by: 2).map { row in
            extent.map { column in
                let isLowerLight = row + 1 < extent.upperBound && !self[row + 1, column]
                return switch (!self[row, column], isLowerLight) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): " "
                }
            }.joined() + "\n"
        }.joined()
    }
}
